package module

// A LocalGroup declares Count locals of one type, as the file does.
type LocalGroup struct {
	Count uint32
	Type  ValueType
}

// A Code is what a function does.
type Code struct {
	Locals []LocalGroup // without the parameters
	// Body is the instructions up to and with the last end. [Decode] looks at
	// that end only.
	Body []byte
	// Offset is where Body starts in the file, in bytes.
	Offset int
}

// codes reads the code section (modules, section "code section").
func (d *decoder) codes() {
	from := d.at
	m := d.m
	bodies := list{"function bodies", 3, maxFunctions}
	if n := d.count(bodies); d.err == nil && n != len(m.Funcs) {
		d.fail(from, "has a function section of length %d but a code section of length %d", len(m.Funcs), n)
	}
	d.at = from // a wrong number is refused before a body finds no type
	next := 0
	m.Codes = vector(d, bodies, func() Code {
		next++
		return d.code(m.Types[m.Funcs[next-1]])
	})
}

func (d *decoder) code(t FuncType) Code {
	from := d.at
	size := d.u32()
	if int64(size) > int64(d.left()) {
		d.fail(from, "gives a function body %d bytes, more than the %d left of %s", size, d.left(), d.part)
	}
	var c Code
	if d.err == nil {
		d.within("a function body", int(size), func() { c = d.body(t) })
	}
	return c
}

func (d *decoder) body(t FuncType) Code {
	c := Code{Locals: vector(d, list{"groups of locals", 2, maxLocals}, d.localGroup)}
	d.checkLocals(t, c.Locals)
	c.Offset = d.at
	c.Body = d.bytes(uint32(d.left()))
	if n := len(c.Body); d.err == nil && (n == 0 || Opcode(c.Body[n-1]) != OpcodeEnd) {
		d.fail(d.at, "has a function body that does not finish with end (0x0b)")
	}
	return c
}

func (d *decoder) localGroup() LocalGroup {
	return LocalGroup{Count: d.u32(), Type: d.valueType()}
}

// checkLocals bounds a sum that four bytes a group can make astronomical,
// and that engines allocate for.
func (d *decoder) checkLocals(t FuncType, groups []LocalGroup) {
	sum := uint64(len(t.Params))
	for _, g := range groups {
		sum += uint64(g.Count)
	}
	if sum > maxLocals {
		d.fail(d.start, "declares %d locals and parameters in a function; at most %d are allowed", sum, maxLocals)
	}
}
