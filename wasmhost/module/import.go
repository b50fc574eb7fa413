package module

// An Import is something the module asks the host for. Of the last four
// fields the one of its Kind is set.
type Import struct {
	Module, Name string
	Kind         ExternKind
	Type         uint32 // the type index of a function
	Table        TableType
	Memory       MemoryType
	Global       GlobalType
}

// imports reads the import section (modules, section "import section").
func (d *decoder) imports() {
	d.m.Imports = vector(d, list{"imports", 4, maxImports}, d.import_)
}

func (d *decoder) import_() Import {
	from := d.at
	i := Import{Module: d.name(), Name: d.name()}
	if i.Module == "" {
		d.fail(from, "imports %s from a module without a name", quoted(i.Name))
	}
	i.Kind = d.externKind("import", i.Module+"."+i.Name)
	s := &d.m.spaces
	switch i.Kind {
	case ExternFunc:
		i.Type = d.typeIndex()
		s.funcs = append(s.funcs, i.Type)
		s.importedFuncs++
	case ExternTable:
		i.Table = d.tableType()
		s.tables = append(s.tables, i.Table)
	case ExternMemory:
		i.Memory = d.memory()
	case ExternGlobal:
		i.Global = d.globalType()
		s.globals = append(s.globals, i.Global)
		s.importedGlobals++
	}
	return i
}
