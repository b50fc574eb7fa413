package module

import "slices"

// A frame is a block that is open, or the function.
type frame struct {
	op          Opcode // block, loop, if or else; call for the function
	t           FuncType
	height      int // of the operands when it began
	unreachable bool
}

// label returns what a branch to the frame takes.
func (f *frame) label() []ValueType {
	if f.op == OpcodeLoop {
		return f.t.Params
	}
	return f.t.Results
}

// top is the innermost frame, and once the function has ended an empty one.
func (c *checker) top() *frame {
	if len(c.frames) == 0 {
		return &frame{}
	}
	return &c.frames[len(c.frames)-1]
}

// enter opens a frame, whose parameters have been taken.
func (c *checker) enter(op Opcode, t FuncType) {
	c.frames = append(c.frames, frame{op: op, t: t, height: len(c.stack)})
	c.atMost("blocks in one another", len(c.frames)-1, c.bounds.Depth)
	c.push(t.Params...)
}

// leave closes the innermost frame, at whose end its results must be left,
// and nothing else.
func (c *checker) leave() frame {
	f := *c.top()
	c.wants(f.t.Results)
	if extra := len(c.stack) - f.height; extra > 0 {
		c.fail("has %s with %d operands left over", c.in.Op, extra)
	}
	c.frames = c.frames[:len(c.frames)-1]
	return f
}

// dead marks the rest of the innermost frame: it is not reached.
func (c *checker) dead() {
	f := c.top()
	c.stack = c.stack[:min(f.height, len(c.stack))]
	f.unreachable = true
}

// control checks the instructions that have labels or are blocks; false where
// it is another one.
func (c *checker) control(in *Instr) bool {
	switch in.Op {
	case OpcodeBlock, OpcodeLoop, OpcodeIf:
		c.block(in)
	case OpcodeElse:
		c.otherwise()
	case OpcodeEnd:
		c.end()
	case OpcodeUnreachable:
		c.dead()
	case OpcodeBr:
		c.wants(c.label(in.Index))
		c.dead()
	case OpcodeBrIf:
		c.want(I32)
		types := c.label(in.Index)
		c.wants(types)
		c.push(types...)
	case OpcodeBrTable:
		c.brTable(in.Labels)
	case OpcodeReturn:
		c.wants(c.frames[0].t.Results)
		c.dead()
	default:
		return false
	}
	return true
}

func (c *checker) block(in *Instr) {
	t, ok := c.m.BlockType(in.Block)
	if !ok {
		c.fail("has %s of type %d, but the module %s", in.Op, in.Block, only("type", "types", len(c.m.Types)))
	}
	if in.Op == OpcodeIf {
		c.want(I32)
	}
	c.work.blocks++
	c.atMost("blocks", c.work.blocks, c.bounds.Blocks)
	c.work.moved += len(t.Params) + len(t.Results)
	c.wants(t.Params)
	c.enter(in.Op, t)
}

func (c *checker) otherwise() {
	if c.top().op != OpcodeIf {
		c.fail("has an else without its if")
		return
	}
	f := c.leave()
	c.enter(OpcodeElse, f.t)
}

func (c *checker) end() {
	f := c.leave()
	if f.op == OpcodeIf && !(FuncType{Params: f.t.Results, Results: f.t.Params}).Equal(f.t) {
		c.fail("has an if of type %s without an else", f.t)
	}
	if f.op != OpcodeCall {
		c.push(f.t.Results...)
	} else if left := len(c.code.Body) - (c.in.Offset - c.code.Offset) - len(c.in.Raw); left > 0 {
		c.fail("has %d bytes after its end", left)
	}
}

// label returns what a branch to a label takes. Labels count from the
// innermost block outwards.
func (c *checker) label(label uint32) []ValueType {
	if uint64(label) >= uint64(len(c.frames)) {
		c.fail("has %s to label %d, but %s", c.in.Op, label, only("label", "labels", len(c.frames)))
		return nil
	}
	types := c.frames[len(c.frames)-1-int(label)].label()
	c.work.moved += len(types)
	return types
}

// brTable checks that all labels take what is there.
func (c *checker) brTable(labels []uint32) {
	c.work.labels += len(labels) - 1
	c.atMost("labels in a br_table", len(labels)-1, c.bounds.Labels)
	c.atMost("labels in its br_tables", c.work.labels, c.bounds.BodyLabels)
	c.want(I32)
	last := c.label(labels[len(labels)-1])
	for _, l := range labels[:len(labels)-1] {
		if c.err != nil {
			return
		}
		c.sees(c.label(l), len(last))
	}
	c.wants(last)
	c.dead()
}

// sees checks what a label of br_table takes, which is as many as the others,
// and leaves the operands where they are.
func (c *checker) sees(types []ValueType, arity int) {
	if len(types) != arity {
		c.fail("has br_table to labels that take %d and %d operands", len(types), arity)
	}
	f := c.top()
	for i, t := range slices.Backward(types) {
		at := len(c.stack) - (len(types) - i)
		switch {
		case at < f.height && !f.unreachable:
			c.fail("has br_table where %s is missing", t)
		case at >= f.height && c.stack[at] != t && c.stack[at] != anyType:
			c.fail("has br_table on %s where %s is needed", c.stack[at], t)
		}
	}
}
