package module

// An Export is something of the module that the host may use.
type Export struct {
	Name  string
	Kind  ExternKind
	Index uint32 // in the space of its kind
}

// Export returns the export of a name.
func (m *Module) Export(name string) (Export, bool) {
	for _, e := range m.Exports {
		if e.Name == name {
			return e, true
		}
	}
	return Export{}, false
}

// exports reads the export section (modules, section "export section").
func (d *decoder) exports() {
	names := map[string]bool{}
	d.m.Exports = vector(d, list{"exports", 3, maxExports}, func() Export {
		from := d.at
		e := d.export()
		if names[e.Name] {
			d.fail(from, "exports %s twice", quoted(e.Name))
		}
		names[e.Name] = true
		return e
	})
}

func (d *decoder) export() Export {
	e := Export{Name: d.name()}
	e.Kind = d.externKind("export", e.Name)
	from := d.at
	e.Index = d.u32()
	if n := d.m.spaces.len(e.Kind); int64(e.Index) >= int64(n) {
		d.fail(from, "exports %s %d as %s, but %s", e.Kind, e.Index, quoted(e.Name), only(e.Kind.String(), e.Kind.plural(), n))
	}
	return e
}

// len is the number of entries of a kind.
func (s *spaces) len(k ExternKind) int {
	switch k {
	case ExternFunc:
		return len(s.funcs)
	case ExternTable:
		return len(s.tables)
	case ExternMemory:
		return len(s.mems)
	case ExternGlobal:
		return len(s.globals)
	}
	return 0
}

// startFunc reads the start section (modules, section "start section").
func (d *decoder) startFunc() {
	from := d.at
	d.m.Start, d.m.HasStart = d.funcIndex("a start"), true
	if t, ok := d.m.FuncType(d.m.Start); ok && !t.Equal(FuncType{}) {
		d.fail(from, "has a start function of type %s; it must be () -> ()", t)
	}
}
