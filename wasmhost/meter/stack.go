package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// A function that calls others takes its frame from the stack's global when it
// begins and gives it back when it ends, and asks the host where nothing is
// left. What a leaf needs is kept in reserve: its frame is bounded by
// maxLeafFrame, or it is guarded too.

// StackReserve is how much of the engine's stack is not counted: the frames of
// a leaf and of what is injected, and the engine's own entry.
const StackReserve = 16 << 10

const maxLeafFrame = 4 << 10

// guarded reports whether a function checks the stack.
func (r *rewriter) guarded(i int, p *profile) bool {
	return p.calls || r.frames[i] > maxLeafFrame
}

// enter begins a body. One that is guarded goes into a block of its own, so
// that every way out of it comes to leave: a return becomes a branch to that
// block's end, which has the label that the function's own had. The check of
// the stack is one with the first charge.
func (b *body) enter(i int, t module.FuncType) {
	r := b.r
	if !b.guarded {
		return
	}
	b.out.with(opGlobalGet, r.stack)
	b.out.i64(int64(r.frames[i]))
	b.out.op(opI64Sub)
	b.out.with(opGlobalSet, r.stack)
	b.check()
	b.out.op(opBlock)
	b.out.blockType(r, t.Results)
}

// check appends the first charge, which asks the host about the stack too.
func (b *body) check() {
	r := b.r
	if r.o.WithoutFuel {
		b.out.with(opGlobalGet, r.stack)
		r.ask(&b.out)
		return
	}
	b.out.with(opGlobalGet, r.fuel)
	b.now = payer{charge: b.amount()}
	b.out.op(opI64Sub)
	b.out.with(opGlobalSet, r.fuel)
	b.out.with(opGlobalGet, r.fuel)
	b.out.with(opGlobalGet, r.stack)
	b.out.op(opI64Or)
	r.ask(&b.out)
}

// leave ends a body that is guarded.
func (b *body) leave(i int) {
	r := b.r
	if !b.guarded {
		return
	}
	b.out.with(opGlobalGet, r.stack)
	b.out.i64(int64(r.frames[i]))
	b.out.op(opI64Add)
	b.out.with(opGlobalSet, r.stack)
	b.out.op(opEnd)
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
