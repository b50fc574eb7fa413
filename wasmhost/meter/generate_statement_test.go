package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// statements leave the operands as they were.
func (g *generator) statements(depth int) {
	for range 1 + g.random.IntN(6) {
		if g.room <= 0 {
			return
		}
		g.statement(depth)
	}
}

func (g *generator) statement(depth int) {
	g.room--
	switch n := g.random.IntN(24); {
	case n < 5:
		g.assign()
	case n < 7:
		i := pick(g, stores)
		g.address(2)
		g.expression(i.Params[1], 3)
		g.instruction(i)
	case n < 9:
		g.expression(g.number(), 3)
		g.out.op(opDrop)
	case n < 15 && depth < 6:
		g.nested(depth)
	case n < 18:
		g.branch()
	case n < 20:
		g.bulk()
	case n < 21:
		if f := g.random.IntN(len(g.funcs)); g.mayCall(f) {
			g.invoke(uint32(f), 2)
			for range g.types[g.funcs[f]].Results {
				g.out.op(opDrop)
			}
		}
	case n < 22 && g.chance(20):
		g.leave()
	default:
		g.out.op(0x01)
	}
}

// nested is a block of some kind, whose results are dropped.
func (g *generator) nested(depth int) {
	params, results := []module.ValueType(nil), g.list(2)
	if g.chance(30) {
		params = g.list(2)
	}
	for _, p := range params {
		g.expression(p, 2)
	}
	switch g.random.IntN(4) {
	case 0:
		g.loop(params, results, depth)
	case 1:
		for range params {
			g.out.op(opDrop)
		}
		g.condition(results, depth)
	case 2:
		for range params {
			g.out.op(opDrop)
		}
		g.dispatch(depth)
		return
	default:
		g.block(params, results, depth)
	}
	for range results {
		g.out.op(opDrop)
	}
}

// block takes params, which it drops or leaves below, and gives results.
func (g *generator) block(params, results []module.ValueType, depth int) {
	g.out.op(opBlock)
	g.open(params, results, results)
	g.statements(depth + 1)
	g.end(results)
}

// open begins a block of a type and takes its parameters.
func (g *generator) open(params, results, label []module.ValueType) {
	g.out.s64(int64(g.blockType(params, results)))
	g.labels = append(g.labels, label)
	for i := len(params) - 1; i >= 0; i-- {
		if local, ok := g.local(params[i]); ok {
			g.out.with(opLocalSet, local)
		} else {
			g.out.op(opDrop)
		}
	}
}

func (g *generator) end(results []module.ValueType) {
	for _, t := range results {
		g.expression(t, 2)
	}
	g.out.op(opEnd)
	g.labels = g.labels[:len(g.labels)-1]
}

// condition is an if; with an else where it gives anything.
func (g *generator) condition(results []module.ValueType, depth int) {
	g.expression(module.I32, 2)
	g.out.op(opIf)
	g.open(nil, results, results)
	g.statements(depth + 1)
	if len(results) > 0 || g.chance(50) {
		for _, t := range results {
			g.expression(t, 2)
		}
		g.out.op(opElse)
		g.statements(depth + 1)
	}
	g.end(results)
}

// loop goes round a few times; one in thirty by chance, maybe for ever.
func (g *generator) loop(params, results []module.ValueType, depth int) {
	if len(g.counters) == 0 {
		g.block(params, results, depth)
		return
	}
	counter := g.counters[len(g.counters)-1]
	g.counters = g.counters[:len(g.counters)-1]
	g.out.i32(int32(1 + g.random.IntN(5)))
	g.out.with(opLocalSet, counter)
	g.out.op(opLoop)
	g.open(params, results, nil) // nobody else goes back to the head
	g.labels[len(g.labels)-1] = []module.ValueType{noLabel}
	g.statements(depth + 1)
	for _, p := range params {
		g.expression(p, 1)
	}
	if g.chance(3) {
		g.expression(module.I32, 2)
	} else {
		g.out.with(opLocalGet, counter)
		g.out.i32(1)
		g.out.op(opI32Sub)
		g.out.with(opLocalTee, counter)
	}
	g.out.with(opBrIf, 0)
	for range params {
		g.out.op(opDrop)
	}
	g.end(results)
	g.counters = append(g.counters, counter)
}

// noLabel is the type of a label that no branch is to lead to.
const noLabel module.ValueType = 0

// dispatch is a br_table to the ends of blocks in one another.
func (g *generator) dispatch(depth int) {
	ways := 2 + g.random.IntN(5)
	for range ways {
		g.out.op(opBlock, noResult)
		g.labels = append(g.labels, nil)
	}
	g.expression(module.I32, 2)
	if g.chance(80) {
		g.out.i32(7)
		g.out.op(0x71) // i32.and
	}
	g.out.op(0x0e)
	g.out.u32(uint32(ways - 1))
	for range ways {
		g.out.u32(uint32(g.random.IntN(ways)))
	}
	for range ways {
		g.labels = g.labels[:len(g.labels)-1]
		g.out.op(opEnd)
		g.statements(depth + 1)
	}
}

// branch leads out of a block, or maybe.
func (g *generator) branch() {
	label := g.random.IntN(len(g.labels))
	types := g.labels[len(g.labels)-1-label]
	if len(types) > 0 && types[0] == noLabel {
		return
	}
	for _, t := range types {
		g.expression(t, 2)
	}
	if g.chance(85) {
		g.expression(module.I32, 2)
		g.out.with(opBrIf, uint32(label))
		for range types {
			g.out.op(opDrop)
		}
		return
	}
	g.out.with(opBr, uint32(label))
	g.unreachable()
}

// unreachable is code that nobody gets to, of operands that are not there.
func (g *generator) unreachable() {
	switch g.random.IntN(5) {
	case 0:
		g.out.op(opI32Add, 0x1a)
	case 1:
		g.out.op(opBlock, noResult, 0, opI64Add, 0x1a, opEnd)
	case 2:
		g.out.op(0x1b, 0x1a, opLoop, noResult, opBr, 0, opEnd)
	}
}

// leave ends the function, or the guest.
func (g *generator) leave() {
	if g.chance(20) {
		g.expression(module.I32, 1)
		g.out.op(opIf, noResult, 0, opEnd)
		return
	}
	for _, t := range g.t.Results {
		g.expression(t, 2)
	}
	g.out.op(0x0f)
	g.unreachable()
}

func (g *generator) assign() {
	t := g.number()
	for _, global := range g.random.Perm(len(g.globals))[:2] {
		if g.globals[global] == t {
			g.expression(t, 3)
			g.out.with(opGlobalSet, uint32(global))
			return
		}
	}
	local, ok := g.local(t)
	if !ok {
		return
	}
	g.expression(t, 4)
	if g.chance(30) {
		g.out.with(opLocalTee, local)
		g.out.op(opDrop)
	} else {
		g.out.with(opLocalSet, local)
	}
}

// bulk is an instruction on many bytes or entries.
func (g *generator) bulk() {
	table := func() { g.out.i32(int32(g.random.IntN(tableSize))) }
	few := func() { g.out.i32(int32(g.random.IntN(4))) }
	kind := g.random.IntN(10)
	if g.fixed {
		kind %= 5
	}
	switch kind {
	case 0, 1:
		g.address(2)
		g.expression(module.I32, 1)
		g.address(1)
		g.out.misc(module.OpcodeMemoryFill, 0)
	case 2, 3:
		g.address(2)
		g.address(1)
		g.address(1)
		g.out.misc(module.OpcodeMemoryCopy, 0, 0)
	case 4:
		g.address(2)
		few()
		g.out.i32(int32(g.random.IntN(dataSize)))
		g.out.misc(module.OpcodeMemoryInit, 1, 0)
	case 5:
		table()
		table()
		few()
		g.out.misc(module.OpcodeTableCopy, 0, 0)
	case 6:
		table()
		g.out.i32(0)
		few()
		g.out.misc(module.OpcodeTableInit, uint32(1+g.random.IntN(2)), 0)
	case 7:
		table()
		g.expression(module.FuncRef, 2)
		g.out.op(0x26, 0) // table.set
	case 8:
		few()
		g.out.op(0x25, 1, 0x1a) // table.get
		table()
		g.out.op(0x25, 0, 0x1a)
	default:
		few()
		g.expression(module.ExternRef, 1)
		few()
		g.out.misc(module.OpcodeTableFill, 1)
		if g.chance(10) {
			g.out.misc(module.OpcodeDataDrop, 1)
			g.out.misc(module.OpcodeElemDrop, 1)
		}
	}
}
