package module

// A GlobalType is the type of a global's value, and whether code may set it.
type GlobalType struct {
	Value   ValueType
	Mutable bool
}

// String returns "i32" or "mut i32".
func (t GlobalType) String() string {
	if t.Mutable {
		return "mut " + t.Value.String()
	}
	return t.Value.String()
}

// A Global is a global the module defines.
type Global struct {
	Type GlobalType
	Init ConstExpr
}

// globals reads the global section (modules, section "global section").
func (d *decoder) globals() {
	d.m.Globals = vector(d, list{"globals", 4, maxGlobals}, d.global)
	for _, g := range d.m.Globals {
		d.m.spaces.globals = append(d.m.spaces.globals, g.Type)
	}
}

func (d *decoder) global() Global {
	t := d.globalType()
	return Global{Type: t, Init: d.constExpr(t.Value)}
}

func (d *decoder) globalType() GlobalType {
	t := GlobalType{Value: d.valueType()}
	from := d.at
	switch b := d.byte(); b {
	case 0:
	case 1:
		t.Mutable = true
	default:
		d.fail(from, "has a global whose mutability is %#02x; it is 0x00 or 0x01", b)
	}
	return t
}
