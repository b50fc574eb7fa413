package module

// functions reads the function section (modules, section "function section").
func (d *decoder) functions() {
	d.m.Funcs = vector(d, list{"functions", 1, maxFunctions}, d.typeIndex)
	s := &d.m.spaces
	s.funcs = append(s.funcs, d.m.Funcs...)
}

// tables reads the table section (modules, section "table section").
func (d *decoder) tables() {
	d.m.Tables = vector(d, list{"tables", 3, maxTables}, d.table)
	s := &d.m.spaces
	s.tables = append(s.tables, d.m.Tables...)
}

// initializedTable starts a table that version 3 gives an initial entry.
const initializedTable = 0x40

func (d *decoder) table() TableType {
	if d.left() > 0 && d.file[d.at] == initializedTable {
		d.lacks(d.at, "typed references", "a table with an initial entry")
	}
	return d.tableType()
}

// memories reads the memory section (modules, section "memory section").
func (d *decoder) memories() {
	d.m.Mems = vector(d, list{"memories", 2, maxMems}, d.memory)
}

// memory reads a memory, imported or defined, of which there may be one.
func (d *decoder) memory() MemoryType {
	if d.m.NumMems() > 0 {
		d.lacks(d.at, "multiple memories", "a second memory")
	}
	t := d.memoryType()
	d.m.spaces.mems = append(d.m.spaces.mems, t)
	return t
}
