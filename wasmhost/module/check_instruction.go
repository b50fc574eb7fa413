package module

// instruction checks one instruction (validation, section "instructions").
func (c *checker) instruction(in *Instr) {
	c.work.count(in)
	if c.control(in) {
		return
	}
	switch in.Op {
	case OpcodeNop:
	case OpcodeCall:
		c.call(in)
	case OpcodeCallIndirect:
		c.callIndirect(in)
	case OpcodeDrop:
		c.pop()
	case OpcodeSelect, OpcodeSelectTyped:
		c.choose(in)
	case OpcodeLocalGet, OpcodeLocalSet, OpcodeLocalTee:
		c.local(in)
	case OpcodeGlobalGet, OpcodeGlobalSet:
		c.global(in)
	case OpcodeTableGet, OpcodeTableSet, OpcodeTableGrow, OpcodeTableFill:
		c.entry(in)
	case OpcodeRefNull, OpcodeRefIsNull, OpcodeRefFunc:
		c.reference(in)
	default:
		c.refers(in)
		c.wants(in.Info.Params)
		c.push(in.Info.Results...)
	}
}

func (c *checker) call(in *Instr) {
	c.countCall()
	t, ok := c.m.FuncType(in.Index)
	if !ok {
		c.fail("calls function %d, but the module %s", in.Index, only("function", "functions", c.m.NumFuncs()))
		return
	}
	c.apply(t)
}

func (c *checker) callIndirect(in *Instr) {
	c.countCall()
	t, ok := at(c.m.Types, in.Index)
	if !ok {
		c.fail("calls a function of type %d, but the module %s", in.Index, only("type", "types", len(c.m.Types)))
		return
	}
	if c.table(in.Second) != FuncRef {
		c.fail("calls functions of table %d, which has none", in.Second)
	}
	c.want(I32)
	c.apply(t)
}

func (c *checker) countCall() {
	c.work.calls++
	c.atMost("calls", c.work.calls, c.bounds.Calls)
}

// choose checks select, which without a type takes numbers and vectors only.
func (c *checker) choose(in *Instr) {
	c.want(I32)
	t := in.Type
	if in.Op == OpcodeSelect {
		if t = c.pop(); t.IsRef() {
			c.fail("has a select of %s, which must state its type", t)
		}
		other := c.pop()
		c.same(t, other)
		if t == anyType {
			t = other
		}
	} else {
		c.want(t)
		c.want(t)
	}
	c.push(t)
}

func (c *checker) same(t, u ValueType) {
	if t != u && t != anyType && u != anyType || u.IsRef() {
		c.fail("has a select of %s and %s", u, t)
	}
}

func (c *checker) local(in *Instr) {
	t, ok := at(c.locals, in.Index)
	if !ok {
		c.fail("has %s of local %d, but %s", in.Op, in.Index, only("local", "locals", len(c.locals)))
		return
	}
	if in.Op != OpcodeLocalGet {
		c.want(t)
	}
	if in.Op != OpcodeLocalSet {
		c.push(t)
	}
}

func (c *checker) global(in *Instr) {
	t, ok := c.m.GlobalType(in.Index)
	switch {
	case !ok:
		c.fail("has %s of global %d, but the module %s", in.Op, in.Index, only("global", "globals", c.m.NumGlobals()))
	case in.Op == OpcodeGlobalGet:
		c.push(t.Value)
	case !t.Mutable:
		c.fail("sets global %d, which is not mutable", in.Index)
	default:
		c.want(t.Value)
	}
}

// entry checks what moves the entries of a table.
func (c *checker) entry(in *Instr) {
	t := c.table(in.Index)
	switch in.Op {
	case OpcodeTableGet:
		c.want(I32)
		c.push(t)
	case OpcodeTableSet:
		c.wants([]ValueType{I32, t})
	case OpcodeTableGrow:
		c.wants([]ValueType{t, I32})
		c.push(I32)
	case OpcodeTableFill:
		c.wants([]ValueType{I32, t, I32})
	}
}

func (c *checker) reference(in *Instr) {
	switch in.Op {
	case OpcodeRefNull:
		c.push(in.Type)
	case OpcodeRefIsNull:
		if t := c.pop(); t != anyType && !t.IsRef() {
			c.fail("has ref.is_null on %s where a reference is needed", t)
		}
		c.push(I32)
	case OpcodeRefFunc:
		if uint64(in.Index) >= uint64(len(c.named)) {
			c.fail("refers to function %d, but the module %s", in.Index, only("function", "functions", len(c.named)))
		} else if !c.named[in.Index] {
			c.fail("refers to function %d, which no export, global or element segment declares", in.Index)
		}
		c.push(FuncRef)
	}
}
