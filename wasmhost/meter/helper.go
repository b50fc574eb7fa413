package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// helper is an injected function.
type helper struct {
	name string
	typ  uint32
	body code // with its locals, without its size
}

// helperKey tells what a helper does: the instruction it stands for, and the
// table or segment.
type helperKey struct {
	op    module.Opcode
	index uint32
}

// The helpers that stand for no instruction.
const (
	tickHelper module.Opcode = 0xffff - iota
	vectorGetter
	vectorSetter
)

// firstHelper is the index of the first injected function.
func (r *rewriter) firstHelper() uint32 { return uint32(r.m.NumFuncs()) + 1 }

// need returns the index of a helper, which is made where it is not there.
func (r *rewriter) need(key helperKey) uint32 {
	if index, ok := r.helper[key]; ok {
		return index
	}
	index := r.firstHelper() + uint32(len(r.helpers))
	r.helper[key] = index
	r.helpers = append(r.helpers, r.make(key))
	return index
}

// helperOf tells which helper stands for an instruction, if one does.
func (r *rewriter) helperOf(in *module.Instr) (key helperKey, ok bool) {
	if r.o.WithoutFuel {
		return key, false
	}
	switch in.Op {
	case module.OpcodeMemoryFill, module.OpcodeMemoryCopy, module.OpcodeMemoryGrow:
		return helperKey{op: in.Op}, true
	case module.OpcodeTableGrow:
		return helperKey{in.Op, in.Index}, true
	case module.OpcodeMemoryInit:
		if int(in.Index) < len(r.m.Datas) && len(r.m.Datas[in.Index].Init) > maxPiece {
			return helperKey{in.Op, in.Index}, true
		}
	}
	return key, false
}

func (r *rewriter) make(key helperKey) helper {
	switch key.op {
	case module.OpcodeMemoryFill:
		return r.memoryFill()
	case module.OpcodeMemoryCopy:
		return r.memoryCopy()
	case module.OpcodeMemoryInit:
		return r.memoryInit(key.index)
	case module.OpcodeMemoryGrow:
		return r.memoryGrow()
	case module.OpcodeTableGrow:
		return r.tableGrow(key.index)
	case module.OpcodeCallIndirect:
		return r.callIndirect(key.index)
	case vectorGetter:
		return r.vectorGetter()
	case vectorSetter:
		return r.vectorSetter()
	}
	return r.tickFunction()
}

// tickFunction asks the host, with the fuel that is left, and returns what it
// gives. It is a function so that a check is short.
func (r *rewriter) tickFunction() helper {
	c := code{0} // no locals
	c.with(opLocalGet, 0)
	c.with(opGlobalGet, r.stack)
	c.with(opCall, r.tick())
	c.op(opEnd)
	i64 := []module.ValueType{module.I64}
	return helper{
		name: Module + "." + Tick, typ: r.typeIndex(module.FuncType{Params: i64, Results: i64}), body: c,
	}
}

// pay takes the i64 that amount leaves on the stack from the fuel, which
// helpers leave in the global.
func (r *rewriter) pay(c *code, amount func()) {
	c.with(opGlobalGet, r.fuel)
	amount()
	c.op(opI64Sub)
	c.with(opGlobalSet, r.fuel)
	c.with(opGlobalGet, r.fuel)
	c.i64(0)
	c.op(opI64LtS, opIf, noResult)
	c.with(opGlobalGet, r.fuel)
	c.with(opCall, r.helper[helperKey{op: tickHelper}])
	c.with(opGlobalSet, r.fuel)
	c.op(opEnd)
}

// payBytes pays for as many bytes as an i32 local says.
func (r *rewriter) payBytes(c *code, local uint32) {
	r.pay(c, func() {
		c.with(opLocalGet, local)
		c.op(opI64Extend)
		c.i64(bytesShift)
		c.op(opI64ShrU)
	})
}

// The locals of the helpers for memory.fill, memory.copy and memory.init are
// the instruction's operands.
const (
	target = 0
	source = 1 // of fill, the value
	length = 2
)

func threeI32() module.FuncType {
	return module.FuncType{Params: []module.ValueType{module.I32, module.I32, module.I32}}
}

// moves appends the instruction on all three operands, or on a piece.
func moves(c *code, op module.Opcode, count func(), indices ...uint32) {
	c.with(opLocalGet, target)
	c.with(opLocalGet, source)
	count()
	c.misc(op, indices...)
}

// beyond appends whether the place of a local and the length reach over the
// end of what end leaves on the stack, an i64 of bytes.
func beyond(c *code, local uint32, end func()) {
	c.with(opLocalGet, local)
	c.op(opI64Extend)
	c.with(opLocalGet, length)
	c.op(opI64Extend, opI64Add)
	end()
	c.op(opI64GtU)
}

func memorySize(c *code) {
	c.op(opMemorySize, 0, opI64Extend)
	c.i64(16)
	c.op(opI64Shl)
}

// whole appends: if it is one piece, or out of bounds, which traps before
// anything has moved, do it and return.
func (r *rewriter) whole(c *code, op module.Opcode, outOfBounds func(), indices ...uint32) {
	size := func() { c.with(opLocalGet, length) }
	outOfBounds()
	c.op(opIf, noResult)
	moves(c, op, size, indices...)
	c.op(opReturn, opEnd)
	size()
	c.i32(maxPiece)
	c.op(opI32GtU, opIf, noResult, opElse)
	r.payBytes(c, length)
	moves(c, op, size, indices...)
	c.op(opReturn, opEnd)
	r.pay(c, func() { c.i64(BytesCost(maxPiece)) })
}

const opElse = 0x05

// add moves a local on by a number.
func add(c *code, local uint32, n int32) {
	c.with(opLocalGet, local)
	c.i32(n)
	c.op(opI32Add)
	c.with(opLocalSet, local)
}

// memoryFill fills from the front, a piece at a time.
func (r *rewriter) memoryFill() helper {
	c := code{0}
	c.op(opLoop, noResult)
	r.whole(&c, module.OpcodeMemoryFill, func() {
		beyond(&c, target, func() { memorySize(&c) })
	}, 0)
	moves(&c, module.OpcodeMemoryFill, func() { c.i32(maxPiece) }, 0)
	add(&c, target, maxPiece)
	add(&c, length, -maxPiece)
	c.with(opBr, 0)
	c.op(opEnd, opEnd)
	return helper{name: "memory.fill", typ: r.typeIndex(threeI32()), body: c}
}

// memoryInit does the same from a segment.
func (r *rewriter) memoryInit(segment uint32) helper {
	size := int64(len(r.m.Datas[segment].Init))
	c := code{0}
	c.op(opLoop, noResult)
	r.whole(&c, module.OpcodeMemoryInit, func() {
		beyond(&c, target, func() { memorySize(&c) })
		beyond(&c, source, func() { c.i64(size) })
		c.op(opI32Or)
	}, segment, 0)
	moves(&c, module.OpcodeMemoryInit, func() { c.i32(maxPiece) }, segment, 0)
	add(&c, target, maxPiece)
	add(&c, source, maxPiece)
	add(&c, length, -maxPiece)
	c.with(opBr, 0)
	c.op(opEnd, opEnd)
	return helper{name: "memory.init", typ: r.typeIndex(threeI32()), body: c}
}

// memoryCopy goes forward where the target is before the source, else
// backward, as memmove(3) does.
func (r *rewriter) memoryCopy() helper {
	c := code{0}
	c.op(opLoop, noResult)
	r.whole(&c, module.OpcodeMemoryCopy, func() {
		beyond(&c, target, func() { memorySize(&c) })
		beyond(&c, source, func() { memorySize(&c) })
		c.op(opI32Or)
	}, 0, 0)
	add(&c, length, -maxPiece)
	c.with(opLocalGet, target)
	c.with(opLocalGet, source)
	c.op(opI32GtU, opIf, noResult)
	for _, local := range []uint32{target, source} { // the last piece first
		c.with(opLocalGet, local)
		c.with(opLocalGet, length)
		c.op(opI32Add)
	}
	c.i32(maxPiece)
	c.misc(module.OpcodeMemoryCopy, 0, 0)
	c.op(opElse)
	moves(&c, module.OpcodeMemoryCopy, func() { c.i32(maxPiece) }, 0, 0)
	add(&c, target, maxPiece)
	add(&c, source, maxPiece)
	c.op(opEnd)
	c.with(opBr, 0)
	c.op(opEnd, opEnd)
	return helper{name: "memory.copy", typ: r.typeIndex(threeI32()), body: c}
}

const pageShift = 16 // of bytes

// memoryGrow pays for the pages it got, which are there to be touched.
func (r *rewriter) memoryGrow() helper {
	const result = 1
	c := code{1, 1, byte(module.I32)}
	c.with(opLocalGet, 0)
	c.op(opMemoryGrow, 0)
	r.payGrown(&c, result, func() {
		c.with(opLocalGet, 0)
		c.op(opI64Extend)
		c.i64(pageShift - bytesShift)
		c.op(opI64Shl)
	})
	i32 := []module.ValueType{module.I32}
	return helper{name: "memory.grow", typ: r.typeIndex(module.FuncType{Params: i32, Results: i32}), body: c}
}

// tableGrow pays for the entries it got.
func (r *rewriter) tableGrow(table uint32) helper {
	const count, result = 1, 2
	t, _ := r.m.TableType(table)
	c := code{1, 1, byte(module.I32)}
	c.with(opLocalGet, 0)
	c.with(opLocalGet, count)
	c.misc(module.OpcodeTableGrow, table)
	r.payGrown(&c, result, func() {
		c.with(opLocalGet, count)
		c.op(opI64Extend)
	})
	return helper{name: "table.grow", typ: r.typeIndex(module.FuncType{
		Params: []module.ValueType{t.Elem, module.I32}, Results: []module.ValueType{module.I32},
	}), body: c}
}

// payGrown keeps the result of growing, pays unless it is -1, and returns it.
func (r *rewriter) payGrown(c *code, result uint32, amount func()) {
	c.with(opLocalTee, result)
	c.i32(-1)
	c.op(opI32Ne, opIf, noResult)
	r.pay(c, amount)
	c.op(opEnd)
	c.with(opLocalGet, result)
	c.op(opEnd)
}
