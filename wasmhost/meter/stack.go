package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// A function that calls others takes its frame from the stack's global when it
// begins and gives it back when it ends, and asks the host where nothing is
// left. What a small leaf needs is kept in reserve.

// StackReserve is how much of the engine's stack is not counted: the frames of
// a leaf and of what is injected, and the engine's own entry.
const StackReserve = 16 << 10

// maxLeafBody is the longest body, in bytes, whose frame fits into the reserve
// whatever it does.
const maxLeafBody = 200

// maxLeafCost is how much a function that calls none may execute without a
// look at what is left, as its callers account for it.
const maxLeafCost = 128

// enter begins a body: it takes fuel and stack. The body goes into a block of
// its own, so that every way out of it comes to leave: a return becomes a
// branch to that block's end, which has the label that the function's own had.
// A small leaf is not checked, its callers are.
func (b *body) enter(t module.FuncType) {
	r := b.r
	if b.plain() {
		return
	}
	b.stack(opI64Sub)
	if !r.o.WithoutFuel {
		b.out.with(opGlobalGet, r.fuel)
		b.now = payer{charge: b.amount()}
		b.out.op(opI64Sub)
		b.out.with(opLocalSet, b.fuel)
	}
	b.checkBoth()
	b.out.op(opBlock)
	b.out.blockType(r, t.Results)
}

// plain reports whether a body is left as it is.
func (b *body) plain() bool { return b.r.o.WithoutFuel && !b.guarded }

// checkBoth asks the host where there is no fuel or no stack.
func (b *body) checkBoth() {
	r := b.r
	switch {
	case b.guarded && r.o.WithoutFuel:
		b.out.with(opGlobalGet, r.stack)
		b.out.i64(0)
		b.out.op(opI64LtS)
		b.ask()
	case b.guarded:
		b.out.with(opLocalGet, b.fuel)
		b.out.with(opGlobalGet, r.stack)
		b.out.op(opI64Or)
		b.out.i64(0)
		b.out.op(opI64LtS)
		b.ask()
	case b.profile.cost > maxLeafCost:
		b.check()
	}
}

// leave ends a body: it gives back the stack, and what is left of the fuel.
func (b *body) leave() {
	if b.plain() {
		return
	}
	b.stack(opI64Add)
	if !b.r.o.WithoutFuel {
		b.store()
	}
	b.out.op(opEnd)
}

// stack takes the frame off what is left of the stack, or adds it again.
func (b *body) stack(op byte) {
	if !b.guarded {
		return
	}
	b.out.with(opGlobalGet, b.r.stack)
	b.frame()
	b.out.op(op)
	b.out.with(opGlobalSet, b.r.stack)
}

// frame leaves room for the frame's size, which is known when the body is
// done: five bytes of LEB128.
func (b *body) frame() {
	b.out.op(opI64Const)
	b.sizes = append(b.sizes, len(b.out))
	b.out.op(0x80, 0x80, 0x80, 0x80, 0)
}

func (b *body) setFrame(size int) {
	for _, at := range b.sizes {
		for i := range 5 {
			b.out[at+i] |= byte(size>>(7*i)) & 0x7f
		}
	}
}

// blockType appends the type of a block that takes nothing.
func (c *code) blockType(r *rewriter, results []module.ValueType) {
	switch len(results) {
	case 0:
		c.op(noResult)
	case 1:
		c.op(byte(results[0]))
	default:
		c.s64(int64(r.typeIndex(module.FuncType{Results: results})))
	}
}
