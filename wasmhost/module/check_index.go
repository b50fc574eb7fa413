package module

// refers checks the indices of an instruction whose types do not depend on
// them.
func (c *checker) refers(in *Instr) {
	switch in.Info.Immediate {
	case MemargImmediate, MemargLaneImmediate, MemoryImmediate, MemoriesImmediate:
		c.memory()
	case MemInitImmediate:
		c.memory()
		c.data(in.Index)
	case DataImmediate:
		c.data(in.Index)
	case ElemImmediate:
		c.elem(in.Index)
	case InitImmediate:
		c.fits(c.elem(in.Index), c.table(in.Second))
	case TablesImmediate:
		c.fits(c.table(in.Second), c.table(in.Index))
	case TableImmediate:
		c.table(in.Index)
	}
}

func (c *checker) memory() {
	if c.m.NumMems() == 0 {
		c.fail("has %s, but the module has no memory", c.in.Op)
	}
}

// table returns the type of a table's entries.
func (c *checker) table(table uint32) ValueType {
	t, ok := c.m.TableType(table)
	if !ok {
		c.fail("has %s of table %d, but the module %s", c.in.Op, table, only("table", "tables", c.m.NumTables()))
	}
	return t.Elem
}

// elem returns the type of an element segment.
func (c *checker) elem(segment uint32) ValueType {
	e, ok := at(c.m.Elems, segment)
	if !ok {
		c.fail("has %s of element segment %d, but the module %s", c.in.Op, segment,
			only("segment", "element segments", len(c.m.Elems)))
	}
	return e.Type
}

// data insists on the data count section too, by which one pass could check
// the index.
func (c *checker) data(segment uint32) {
	switch {
	case !c.m.HasDataCount:
		c.fail("has %s, but the module has no data count section", c.in.Op)
	case uint64(segment) >= uint64(len(c.m.Datas)):
		c.fail("has %s of data segment %d, but the module %s", c.in.Op, segment,
			only("segment", "data segments", len(c.m.Datas)))
	}
}

func (c *checker) fits(from, to ValueType) {
	if from != to {
		c.fail("has %s of %s into a table of %s", c.in.Op, from, to)
	}
}
