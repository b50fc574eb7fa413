package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// A charge takes the price of the code that follows from the fuel. Where
// charges stand, and for what, follows from three rules:
//
//   - All that is executed was charged before: by a charge that dominates it,
//     with no loop's head between the two.
//   - A charge is for at most maxCharge.
//   - Of what it is for, at least half is executed once the charge is, unless
//     the guest traps: what is certain outweighs what may be.
//
// So the count is never below what was executed, and never above twice that,
// but for what a trap cuts off.
//
// In a function the fuel is in a local: a charge is a subtraction, and needs no
// memory. The global has it while another function is at work. Whether any is
// left is looked at where a function begins, at the head of each loop, and
// before a way without either grows longer than maxUnchecked.
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

const (
	maxCharge    = 256
	maxUnchecked = 4096
)

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
	begun    int  // the length of the way to it, see body.unchecked
	length   int  // of the longest way to its end, but through its last part
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
	segment := int(b.profile.segments[b.segment])
	switch {
	case c == nil:
		b.begin()
	case b.now.maybe && b.fresh && (c.maybe+segment > c.certain || c.certain+c.maybe+segment > maxCharge):
		b.begin()
	case c.certain+c.maybe+price > maxCharge:
		b.begin()
	}
	b.fresh = false
	b.unchecked += price
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
	if b.unchecked+maxCharge > maxUnchecked {
		b.check()
	}
	b.out.with(opLocalGet, b.fuel)
	b.now = payer{charge: b.amount()}
	b.out.op(opI64Sub)
	b.out.with(opLocalSet, b.fuel)
}

// check asks the host where no fuel is left.
func (b *body) check() {
	b.unchecked = 0
	b.checks = append(b.checks, b.place)
	b.out.with(opLocalGet, b.fuel)
	b.out.i64(0)
	b.out.op(opI64LtS)
	b.ask()
}

// ask asks the host where the i32 on top of the stack is not zero.
func (b *body) ask() {
	b.out.op(opIf, noResult)
	b.out.with(opLocalGet, b.fuel)
	b.out.with(opCall, b.r.helper[helperKey{op: tickHelper}])
	b.out.with(opLocalSet, b.fuel)
	b.out.op(opEnd)
}

// store and load move the fuel to the global for another function, and back.
func (b *body) store() {
	b.out.with(opLocalGet, b.fuel)
	b.out.with(opGlobalSet, b.r.fuel)
}

func (b *body) load() {
	b.out.with(opGlobalGet, b.r.fuel)
	b.out.with(opLocalSet, b.fuel)
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
	b.blocks = append(b.blocks, block{op: op, entry: b.now, dead: b.dead, begun: b.unchecked})
	switch op {
	case module.OpcodeLoop:
		b.now = payer{}
		if !b.dead && !b.r.o.WithoutFuel {
			b.check()
		}
	case module.OpcodeIf:
		b.now.maybe = true
	}
}

func (b *body) otherwise() {
	top := &b.blocks[len(b.blocks)-1]
	top.op, top.thenEnds = module.OpcodeElse, !b.dead
	if top.thenEnds {
		top.length = max(top.length, b.unchecked)
	}
	b.dead, b.unchecked = top.dead, top.begun
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
		top.length = max(top.length, top.begun)
	case module.OpcodeElse:
		jumps = jumps || top.thenEnds
	}
	b.dead = top.dead || !through && !jumps
	if jumps {
		b.unchecked = max(b.unchecked, top.length)
	}
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
	to := &b.blocks[last-int(label)]
	to.targeted = true
	to.length = max(to.length, b.unchecked)
}
