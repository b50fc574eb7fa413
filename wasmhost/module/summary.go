package module

// A Summary is what a person asks first of a module. Numbers count what the
// module defines, without its imports.
type Summary struct {
	Types, Functions, Tables, Globals int
	CodeBytes                         int // of function bodies
	Segments, DataBytes               int // of data
	NamedFunctions                    int // imported ones included
	// Imports are by the module they ask, in the order of the file.
	Imports []ModuleImports
	// Memory is in pages of 64 KiB, imported or defined, where HasMemory.
	Memory    MemoryType
	HasMemory bool
}

// ModuleImports are the imports from one module.
type ModuleImports struct {
	Module  string
	Imports []Import
}

// Summary counts what is in the module.
func (m *Module) Summary() Summary {
	s := Summary{
		Types: len(m.Types), Functions: len(m.Funcs), Tables: len(m.Tables), Globals: len(m.Globals),
		Segments:       len(m.Datas),
		NamedFunctions: len(m.Names.Functions),
		Imports:        m.importsByModule(),
	}
	s.Memory, s.HasMemory = m.MemoryType(0)
	for _, c := range m.Codes {
		s.CodeBytes += len(c.Body)
	}
	for _, d := range m.Datas {
		s.DataBytes += len(d.Init)
	}
	return s
}

func (m *Module) importsByModule() []ModuleImports {
	var groups []ModuleImports
	place := map[string]int{}
	for _, i := range m.Imports {
		n, ok := place[i.Module]
		if !ok {
			n = len(groups)
			place[i.Module] = n
			groups = append(groups, ModuleImports{Module: i.Module})
		}
		groups[n].Imports = append(groups[n].Imports, i)
	}
	return groups
}
