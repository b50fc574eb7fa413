package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// A charge takes the price of the code that follows from the fuel, and asks
// the host where nothing is left. Where charges stand, and for what, follows
// from three rules:
//
//   - All that is executed was charged before: by a charge that dominates it,
//     with no loop's head between the two.
//   - A charge is for at most maxCharge.
//   - Of what it is for, at least half is executed once the charge is, unless
//     the guest traps: what is certain outweighs what may be.
//
// So the count is never below what was executed, and never above twice that,
// but for what one trap cuts off.
//
// Code is certain where every way from the charge leads to it. A branch makes
// what follows it doubtful, up to the end of the block it leads to; there it
// is as certain as it was where the block began, unless some way out of the
// block leads further. Rather than take on what is doubtful beyond that
// measure, a new charge is begun.
type charge struct {
	at      int // where in the new body its amount goes
	certain int
	maybe   int
}

const maxCharge = 256

// payer is the charge that pays at a place, nil where one is yet to begin,
// and whether the place is doubtful.
type payer struct {
	charge *charge
	maybe  bool
}

// block is a block that is open, or the function.
type block struct {
	op       module.Opcode
	entry    payer
	dead     bool // never begun
	left     bool // a way leads out of it to further than its end
	targeted bool // a branch leads to its label
	thenEnds bool // the end of its then is reached
}

// charge pays for an instruction that is about to be appended.
func (b *body) charge(in *module.Instr) {
	if b.r.o.WithoutFuel {
		return
	}
	price := Cost(in.Op)
	switch in.Op {
	case module.OpcodeBlock:
		if b.now.charge == nil {
			b.begin() // here, so that it pays for what comes after the block too
		}
	default:
		if price > 0 {
			b.pays(price)
		}
	}
}

// pays adds a price to the charge of the moment, or to a new one. Whether a
// doubtful segment is taken on is decided for the whole of it.
func (b *body) pays(price int) {
	c := b.now.charge
	segment := b.profile.segments[b.segment]
	switch {
	case c == nil:
		b.begin()
	case b.now.maybe && b.fresh && (c.maybe+segment > c.certain || c.certain+c.maybe+segment > maxCharge):
		b.begin()
	case c.certain+c.maybe+price > maxCharge:
		b.begin()
	}
	b.fresh = false
	c = b.now.charge
	if b.now.maybe {
		c.maybe += price
	} else {
		c.certain += price
	}
	b.patch(c)
}

// begin appends a charge.
func (b *body) begin() {
	r := b.r
	b.out.with(opGlobalGet, r.fuel)
	b.now = payer{charge: b.amount()}
	b.out.op(opI64Sub)
	b.out.with(opGlobalSet, r.fuel)
	b.out.with(opGlobalGet, r.fuel)
	r.ask(&b.out)
}

// amount leaves room for a constant that is known later: two bytes of LEB128
// hold all up to maxCharge.
func (b *body) amount() *charge {
	b.out.op(opI64Const)
	c := &charge{at: len(b.out)}
	b.out.op(0x80, 0)
	return c
}

// follow keeps account of blocks and ways after an instruction was appended.
func (b *body) follow(in *module.Instr) {
	switch in.Op {
	case module.OpcodeBlock, module.OpcodeLoop, module.OpcodeIf:
		b.open(in.Op)
	case module.OpcodeElse:
		b.otherwise()
	case module.OpcodeEnd:
		b.close()
	case module.OpcodeBr:
		b.branch(in.Index)
		b.dead = true
	case module.OpcodeBrIf:
		b.branch(in.Index)
		b.now.maybe = true
	case module.OpcodeBrTable:
		for _, label := range in.Labels {
			b.branch(label)
		}
		b.dead = true
	case module.OpcodeReturn:
		b.branch(uint32(len(b.blocks) - 1))
		b.dead = true
	case module.OpcodeUnreachable:
		b.dead = true
	}
	if endsSegment(in.Op) {
		b.segment++
		b.fresh = true
	}
}

func (b *body) open(op module.Opcode) {
	b.blocks = append(b.blocks, block{op: op, entry: b.now, dead: b.dead})
	switch op {
	case module.OpcodeLoop:
		b.now = payer{}
	case module.OpcodeIf:
		b.now.maybe = true
	}
}

func (b *body) otherwise() {
	top := &b.blocks[len(b.blocks)-1]
	top.op, top.thenEnds = module.OpcodeElse, !b.dead
	b.dead = top.dead
	b.now = payer{top.entry.charge, true}
}

// close ends a block: what follows is paid as the comment on [charge] says.
func (b *body) close() {
	top := b.blocks[len(b.blocks)-1]
	b.blocks = b.blocks[:len(b.blocks)-1]
	through := !b.dead // the end of its last part is reached
	jumps := top.targeted
	switch top.op {
	case module.OpcodeLoop:
		jumps = false // back to its head
	case module.OpcodeIf:
		jumps = true // past its then
	case module.OpcodeElse:
		jumps = jumps || top.thenEnds
	}
	b.dead = top.dead || !through && !jumps
	switch {
	case !top.left:
		b.now = top.entry
	case jumps:
		b.now = payer{}
	}
}

// branch marks the blocks that a branch to a label leaves, but the label's own.
func (b *body) branch(label uint32) {
	last := len(b.blocks) - 1
	for i := range int(label) {
		b.blocks[last-i].left = true
	}
	b.blocks[last-int(label)].targeted = true
}
