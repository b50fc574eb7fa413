package meter

import (
	"slices"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// producers are the instructions that make a value of each type out of
// operands alone, or out of memory.
var producers = func() map[module.ValueType][]*module.Instruction {
	found := map[module.ValueType][]*module.Instruction{}
	for op := range 0x10000 {
		i, ok := module.Opcode(op).Instruction()
		if !ok || len(i.Results) != 1 || len(i.Params) == 0 || i.Op == module.OpcodeMemoryGrow {
			continue
		}
		switch i.Immediate {
		case module.NoImmediate, module.MemargImmediate, module.LaneImmediate:
			found[i.Results[0]] = append(found[i.Results[0]], i)
		}
	}
	return found
}()

// stores are the instructions that write memory.
var stores = func() (found []*module.Instruction) {
	for op := range 0x10000 {
		i, ok := module.Opcode(op).Instruction()
		if ok && i.Immediate == module.MemargImmediate && len(i.Results) == 0 {
			found = append(found, i)
		}
	}
	return found
}()

// expression leaves one value.
func (g *generator) expression(t module.ValueType, depth int) {
	g.room--
	if depth <= 0 || g.room <= 0 {
		g.leaf(t)
		return
	}
	switch n := g.random.IntN(20); {
	case n < 9 && len(producers[t]) > 0:
		i := pick(g, producers[t])
		for _, p := range i.Params {
			if p == module.I32 && i.Immediate == module.MemargImmediate {
				g.address(depth - 1)
			} else {
				g.expression(p, depth-1)
			}
		}
		g.instruction(i)
	case n < 11:
		g.select3(t, depth)
	case n < 13:
		g.block(nil, []module.ValueType{t}, depth-1)
	case n < 15:
		g.condition([]module.ValueType{t}, depth-1)
	case n < 17:
		g.call(t, depth)
	case n < 18 && t == module.I32:
		g.size(depth)
	default:
		g.leaf(t)
	}
}

// instruction appends an instruction with immediates that do.
func (g *generator) instruction(i *module.Instruction) {
	if i.Op > 0xff {
		g.out.misc(i.Op)
	} else {
		g.out.op(byte(i.Op))
	}
	switch i.Immediate {
	case module.MemargImmediate:
		g.out.op(0)
		g.out.u32(pick(g, []uint32{0, 1, 8, 100, 65530}))
	case module.LaneImmediate:
		g.out.op(byte(g.random.IntN(2)))
	}
}

// address is an i32 that mostly lies within memory.
func (g *generator) address(depth int) {
	g.expression(module.I32, depth)
	if g.chance(95) {
		g.out.i32(0xfff)
		g.out.op(0x71) // i32.and
	}
}

// leaf is a constant, a local or a global.
func (g *generator) leaf(t module.ValueType) {
	if local, ok := g.local(t); ok && g.chance(60) {
		g.out.with(opLocalGet, local)
		return
	}
	if i := slices.Index(g.globals, t); i >= 0 && g.chance(30) {
		g.out.with(opGlobalGet, uint32(i))
		return
	}
	g.constant(t)
}

// local finds a local of a type.
func (g *generator) local(t module.ValueType) (uint32, bool) {
	var of []uint32
	for i, have := range g.locals {
		if have == t {
			of = append(of, uint32(i))
		}
	}
	if len(of) == 0 {
		return 0, false
	}
	return pick(g, of), true
}

func (g *generator) constant(t module.ValueType) {
	bits := pick(g, []uint64{0, 1, 2, 7, 31, 0x7fff_ffff, 0xffff_ffff, 1 << 63, g.random.Uint64()})
	switch t {
	case module.I32:
		g.out.i32(int32(bits))
	case module.I64:
		g.out.i64(int64(bits))
	case module.F32:
		g.out.op(0x43)
		g.raw(uint64(pick(g, []uint32{0, 0x3f80_0000, 0xc0a0_0000, 0x7f80_0000, uint32(bits) & 0x4fff_ffff})), 4)
	case module.F64:
		g.out.op(0x44)
		g.raw(pick(g, []uint64{0, 0x3ff0_0000_0000_0000, 0xc014_0000_0000_0000, bits & 0x4fff_ffff_ffff_ffff}), 8)
	case module.V128:
		g.out.op(0xfd, 0x0c)
		g.raw(bits&0x4fff_ffff_4fff_ffff, 8)
		g.raw(g.random.Uint64()&0x4fff_ffff_4fff_ffff, 8)
	default:
		g.out.op(0xd0, byte(t))
	}
}

// raw appends bytes, the lowest first.
func (g *generator) raw(bits uint64, n int) {
	for i := range n {
		g.out.op(byte(bits >> (8 * i)))
	}
}

func (g *generator) select3(t module.ValueType, depth int) {
	g.expression(t, depth-1)
	g.expression(t, depth-1)
	g.expression(module.I32, depth-1)
	if t.IsRef() || g.chance(30) {
		g.out.op(0x1c, 1, byte(t))
	} else {
		g.out.op(0x1b)
	}
}

// call calls a function that gives t, one that gives more first where there is
// no other; what is above t is dropped.
func (g *generator) call(t module.ValueType, depth int) {
	var of []uint32
	for i, f := range g.funcs {
		if slices.Contains(g.types[f].Results, t) && g.mayCall(i) {
			of = append(of, uint32(i))
		}
	}
	if len(of) == 0 {
		g.leaf(t)
		return
	}
	f := pick(g, of)
	results := g.types[g.funcs[f]].Results
	g.invoke(f, depth)
	for i := len(results) - 1; results[i] != t; i-- {
		g.out.op(opDrop)
		results = results[:i]
	}
	if below := results[:len(results)-1]; len(below) > 0 {
		// What lies below goes through a block that takes all and gives one.
		g.out.op(opBlock)
		g.out.s64(int64(g.blockType(results, []module.ValueType{t})))
		if local, ok := g.local(t); ok {
			g.out.with(opLocalSet, local)
			for range below {
				g.out.op(opDrop)
			}
			g.out.with(opLocalGet, local)
		} else {
			for range results {
				g.out.op(opDrop)
			}
			g.constant(t)
		}
		g.out.op(opEnd)
	}
}

// mayCall keeps recursion rare: functions call later ones, mostly.
func (g *generator) mayCall(f int) bool {
	return f < generatedImports || f > g.self || g.chance(2)
}

// invoke passes operands, and calls directly or through the table.
func (g *generator) invoke(f uint32, depth int) {
	for _, p := range g.types[g.funcs[f]].Params {
		g.expression(p, depth-2)
	}
	if g.chance(85) {
		g.out.with(opCall, f)
		return
	}
	g.expression(module.I32, 1)
	beyond := int32(tableSize - 1)
	if g.fixed {
		beyond = tableSize + 2
	}
	g.out.i32(beyond)
	g.out.op(0x70, 0x11) // i32.rem_u, call_indirect
	g.out.u32(g.funcs[f])
	g.out.op(0)
}

// size is an i32 that tells of a memory or table.
func (g *generator) size(depth int) {
	kind := g.random.IntN(5)
	if g.fixed {
		kind %= 2
	}
	switch kind {
	case 0:
		g.out.op(opMemorySize, 0)
	case 1:
		g.out.i32(int32(g.random.IntN(3)))
		g.out.op(opMemoryGrow, 0)
	case 2:
		g.out.misc(module.OpcodeTableSize, uint32(g.random.IntN(2)))
	case 3:
		g.expression(module.FuncRef, depth-1)
		g.out.i32(int32(g.random.IntN(3)))
		g.out.misc(module.OpcodeTableGrow, 0)
	default:
		g.expression(module.ExternRef, depth-1)
		g.out.op(0xd1)
	}
}

// blockType returns the index of a type, which is added where it is not there.
func (g *generator) blockType(params, results []module.ValueType) int {
	t := module.FuncType{Params: slices.Clone(params), Results: slices.Clone(results)}
	for i, have := range g.types {
		if have.Equal(t) {
			return i
		}
	}
	g.types = append(g.types, t)
	return len(g.types) - 1
}
