package meter

import (
	"encoding/binary"

	"github.com/sandsock/sandsock/wasmhost/module"
	"github.com/sandsock/sandsock/wasmhost/steps"
)

// codes rewrites all function bodies, several at once, and appends the helpers'.
// It is the code section in parts, so that what is large is copied once, into
// the file.
func (r *rewriter) codes() []code {
	parts := r.m.Parts()
	codes := make([]code, 1+len(parts), 2+len(parts))
	module.InParts(parts, func() func(module.Part) {
		b := &body{r: r, estimator: estimator{r: r, walker: r.m.NewWalker()}}
		return func(p module.Part) {
			bodies := make(code, 0, 2*p.Size)
			for i := p.From; i < p.To; i++ {
				bodies.bytes(b.rewrite(i))
			}
			codes[1+p.Index] = bodies
		}
	})
	codes[0].u32(uint32(len(r.m.Codes) + len(r.helpers)))
	var helpers code
	for _, h := range r.helpers {
		helpers.bytes(h.body)
	}
	return append(codes, helpers)
}

// body rewrites one function body after another.
type body struct {
	r         *rewriter
	estimator estimator
	profile   *profile
	out       code
	fuel      uint32 // an injected local: see charge.go
	scratch   uint32 // another, where profile.scratch
	blocks    []block
	dead      bool // no way leads here
	now       payer
	// unchecked bounds what is executed on the longest way here since the fuel
	// was looked at.
	unchecked int
	segment   int   // how many have begun
	fresh     bool  // nothing of the segment was paid for yet
	guarded   bool  // see stack.go
	checks    []int // places of checks among the instructions
	place     int   // of the instruction at hand
	sizes     []int // where the frame's size goes in the new body
}

// room is above what is injected beside an instruction, in bytes. Were it not,
// append would make the room.
const room = 256

// rewrite returns the new body, which is valid until the next.
func (b *body) rewrite(i int) code {
	r := b.r
	source, t := r.m.Codes[i], r.m.Types[r.m.Funcs[i]]
	b.profile = &r.profiles[i]
	b.out, b.blocks, b.dead, b.now = b.out[:0], b.blocks[:0], false, payer{}
	b.unchecked, b.segment, b.fresh = 0, 0, true
	b.checks, b.sizes, b.place = b.checks[:0], b.sizes[:0], 0
	b.guarded = !r.o.WithoutStack && (b.profile.calls || len(source.Body) > maxLeafBody)
	b.locals(source, t)
	b.enter(t)
	b.blocks = append(b.blocks, block{op: module.OpcodeCall, entry: b.now})
	reader := source.Reader()
	for in := reader.Next(); in != nil; in = reader.Next() {
		b.out = steps.Grow(b.out, room+len(in.Raw))
		b.instruction(in)
		b.place++
	}
	b.leave()
	if b.guarded {
		b.estimator.expect(b.place)
		b.setFrame(b.estimator.frame(i, b.checks))
	}
	return b.out
}

// locals declares what the function does, and what is injected where it is
// used.
func (b *body) locals(source module.Code, t module.FuncType) {
	b.fuel = uint32(len(t.Params))
	for _, g := range source.Locals {
		b.fuel += g.Count
	}
	b.scratch = b.fuel + 1
	injected := make([]module.LocalGroup, 0, 2)
	if !b.plain() {
		injected = append(injected, module.LocalGroup{Count: 1, Type: module.I64})
	}
	if b.profile.scratch && !b.r.o.WithoutFuel {
		injected = append(injected, module.LocalGroup{Count: 1, Type: module.I32})
	}
	b.out.u32(uint32(len(source.Locals) + len(injected)))
	b.out.locals(source.Locals)
	b.out.locals(injected)
}

func (c *code) locals(groups []module.LocalGroup) {
	for _, g := range groups {
		c.u32(g.Count)
		c.op(byte(g.Type))
	}
}

// instruction rewrites one instruction. Code that is never reached keeps its
// place, and pays nothing.
func (b *body) instruction(in *module.Instr) {
	if !b.dead {
		b.charge(in)
		b.markDirty(in)
	}
	b.emit(in)
	b.follow(in)
}

// emit appends the instruction, with the indices of functions as they are now.
func (b *body) emit(in *module.Instr) {
	r := b.r
	switch in.Op {
	case module.OpcodeCall:
		b.around(func() { b.out.with(opCall, r.function(in.Index)) })
	case module.OpcodeCallIndirect:
		b.around(func() { b.indirect(in) })
	case module.OpcodeRefFunc:
		b.out.with(opRefFunc, r.function(in.Index))
	case module.OpcodeReturn:
		if !b.plain() {
			b.out.with(opBr, uint32(len(b.blocks)-1)) // see enter
		} else {
			b.out.op(opReturn)
		}
	default:
		if r.o.WithoutFuel || b.dead || !b.byLength(in) {
			b.out = append(b.out, in.Raw...)
		}
	}
}

// indirect appends a call_indirect, or what stands for it.
func (b *body) indirect(in *module.Instr) {
	if b.r.table == nil {
		b.out = append(b.out, in.Raw...)
		return
	}
	b.out.with(opCall, b.r.helper[helperKey{module.OpcodeCallIndirect, in.Index}])
}

// around gives another function the fuel while it is at work. It may be a leaf
// that does not look at what is left.
func (b *body) around(call func()) {
	if b.r.o.WithoutFuel || b.dead {
		call()
		return
	}
	b.store()
	call()
	b.load()
	b.unchecked += maxLeafCost
}

// byLength appends an instruction that pays by its length; false where it is
// another.
func (b *body) byLength(in *module.Instr) bool {
	if key, ok := b.r.helperOf(in); ok {
		b.around(func() { b.out.with(opCall, b.r.helper[key]) })
		return true
	}
	switch in.Op {
	case module.OpcodeMemoryInit:
		b.prepaid(in, bytesShift)
	case module.OpcodeTableInit, module.OpcodeTableCopy, module.OpcodeTableFill:
		b.prepaid(in, 0)
	default:
		return false
	}
	return true
}

// prepaid pays for the count on top of the stack, then does the instruction.
func (b *body) prepaid(in *module.Instr, shift int64) {
	b.out.with(opLocalSet, b.scratch)
	b.out.with(opLocalGet, b.fuel)
	b.out.with(opLocalGet, b.scratch)
	b.out.op(opI64Extend)
	b.out.i64(shift)
	b.out.op(opI64ShrU, opI64Sub)
	b.out.with(opLocalSet, b.fuel)
	b.check()
	b.out.with(opLocalGet, b.scratch)
	b.out = append(b.out, in.Raw...)
}

// patch writes a charge's amount where two bytes were left for it.
func (b *body) patch(c *charge) {
	amount := uint16(c.certain + c.maybe)
	binary.LittleEndian.PutUint16(b.out[c.at:], amount&0x7f|0x80|amount>>7<<8)
}
