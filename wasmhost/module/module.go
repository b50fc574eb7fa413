package module

// A Module is a decoded file: everything that is needed to encode it again,
// in the order of the file. Slices of bytes are parts of the file. Indices
// (of types, functions, tables, memories, globals) have been checked; the
// instructions of Codes are only by [Module.Check].
type Module struct {
	Types   []FuncType
	Imports []Import
	Funcs   []uint32 // the type index of each function the module defines
	Tables  []TableType
	Mems    []MemoryType
	Globals []Global
	Exports []Export
	// Start is the index of the function to run first, where HasStart.
	Start    uint32
	HasStart bool
	Elems    []Elem
	// DataCount is the number in the data count section, where HasDataCount:
	// then it is len(Datas).
	DataCount    uint32
	HasDataCount bool
	Codes        []Code // one for each of Funcs
	Datas        []Data
	Customs      []Custom
	// Names is what the name section says; zero where there is none, or where
	// it is malformed.
	Names Names

	spaces spaces
}

// spaces are the index spaces (modules, section "indices"): the imports, then
// the definitions. They grow while the file is read.
type spaces struct {
	funcs   []uint32 // type indices
	tables  []TableType
	mems    []MemoryType
	globals []GlobalType

	importedFuncs   int
	importedGlobals int
}

// NumFuncs returns the number of functions, imported ones included: the
// indices of functions are below it.
func (m *Module) NumFuncs() int { return len(m.spaces.funcs) }

// NumImportedFuncs returns how many functions are imported: the function of
// Codes[i] has this number plus i.
func (m *Module) NumImportedFuncs() int { return m.spaces.importedFuncs }

// NumTables counts imports and definitions.
func (m *Module) NumTables() int { return len(m.spaces.tables) }

// NumMems is 0 or 1: the host runs no module with more.
func (m *Module) NumMems() int { return len(m.spaces.mems) }

// NumGlobals counts imports and definitions.
func (m *Module) NumGlobals() int { return len(m.spaces.globals) }

// NumImportedGlobals returns how many globals are imported.
func (m *Module) NumImportedGlobals() int { return m.spaces.importedGlobals }

// TypeIndex returns the index into Types of a function's type.
func (m *Module) TypeIndex(function uint32) (uint32, bool) {
	return at(m.spaces.funcs, function)
}

// FuncType returns the type of a function; false where there is none of that
// index.
func (m *Module) FuncType(function uint32) (FuncType, bool) {
	index, ok := at(m.spaces.funcs, function)
	if !ok {
		return FuncType{}, false
	}
	return m.Types[index], true
}

// TableType returns the type of a table.
func (m *Module) TableType(table uint32) (TableType, bool) { return at(m.spaces.tables, table) }

// MemoryType returns the type of a memory, its size in pages of 64 KiB.
func (m *Module) MemoryType(memory uint32) (MemoryType, bool) { return at(m.spaces.mems, memory) }

// GlobalType returns the type of a global.
func (m *Module) GlobalType(global uint32) (GlobalType, bool) { return at(m.spaces.globals, global) }

// at returns the entry of an index, and whether there is one.
func at[T any](entries []T, index uint32) (entry T, ok bool) {
	if uint64(index) >= uint64(len(entries)) {
		return entry, false
	}
	return entries[index], true
}
