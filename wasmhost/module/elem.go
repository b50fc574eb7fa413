package module

// SegmentMode says when a segment is used: copied into its table or memory
// when the module is instantiated (active), by an instruction (passive), or
// never, so that it only names functions (declarative).
type SegmentMode byte

// The modes of segments; only elements are declarative.
const (
	Active SegmentMode = iota
	Passive
	Declarative
)

// String returns "active", "passive" or "declarative".
func (m SegmentMode) String() string {
	return [...]string{"active", "passive", "declarative"}[m%3]
}

// An Elem is an element segment. Its entries are in Funcs where the file has
// function indices, else in Exprs.
type Elem struct {
	// Flags is the number from 0 to 7 that tells the form in the file.
	Flags  uint32
	Mode   SegmentMode
	Type   ValueType
	Table  uint32    // of an active segment
	Offset ConstExpr // of an active segment, an i32
	Funcs  []uint32
	Exprs  []ConstExpr
}

// Len returns the number of entries.
func (e Elem) Len() int { return len(e.Funcs) + len(e.Exprs) }

// The bits of an element segment's flags.
const (
	elemNotActive = 1 << 0
	elemExplicit  = 1 << 1 // has a table index, or where not active is declarative
	elemExprs     = 1 << 2
)

// elems reads the element section (modules, section "element section").
func (d *decoder) elems() {
	d.m.Elems = vector(d, list{"element segments", 3, maxElems}, d.elem)
}

func (d *decoder) elem() Elem {
	from := d.at
	e := Elem{Flags: d.u32(), Type: FuncRef}
	switch {
	case e.Flags > elemNotActive|elemExplicit|elemExprs:
		d.fail(from, "has an element segment of an unknown form, %d", e.Flags)
	case e.Flags&elemNotActive == 0:
		d.elemPlace(&e)
	case e.Flags&elemExplicit != 0:
		e.Mode = Declarative
	default:
		e.Mode = Passive
	}
	d.elemType(&e)
	d.elemTable(from, e)
	d.elemEntries(&e)
	return e
}

// elemPlace reads where an active segment goes.
func (d *decoder) elemPlace(e *Elem) {
	if e.Flags&elemExplicit != 0 {
		e.Table = d.u32()
	}
	e.Offset = d.constExpr(I32)
}

// elemType reads the type, which the forms 0 and 4 leave out: a byte 0x00 for
// functions where the entries are indices, else a reference type.
func (d *decoder) elemType(e *Elem) {
	if e.Flags&(elemNotActive|elemExplicit) == 0 {
		return
	}
	if e.Flags&elemExprs != 0 {
		e.Type = d.refType()
		return
	}
	from := d.at
	if kind := d.byte(); kind != 0 {
		d.fail(from, "has an element segment of an unknown kind, %#02x", kind)
	}
}

// elemTable checks that an active segment fits its table.
func (d *decoder) elemTable(from int, e Elem) {
	if e.Mode != Active || d.err != nil {
		return
	}
	switch t, ok := d.m.TableType(e.Table); {
	case !ok:
		d.fail(from, "has an element segment of table %d, but %s", e.Table, only("table", "tables", d.m.NumTables()))
	case t.Elem != e.Type:
		d.fail(from, "has an element segment of %s for a table of %s", e.Type, t.Elem)
	}
}

func (d *decoder) elemEntries(e *Elem) {
	room := maxElements - d.elements
	if e.Flags&elemExprs == 0 {
		e.Funcs = vector(d, list{"elements", 1, room}, func() uint32 { return d.funcIndex("an element") })
	} else {
		e.Exprs = vector(d, list{"elements", 3, room}, func() ConstExpr { return d.constExpr(e.Type) })
	}
	d.elements += e.Len()
}
