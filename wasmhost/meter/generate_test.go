package meter

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// generator makes valid modules by chance: the same seed, the same module.
// Most end soon, some never do, some trap.
//
// Each has two imported functions, a memory, two tables, passive and active
// segments, and globals; its functions f0, f1, ... call each other, directly
// and through the table. One of three has one table, which nothing changes.
type generator struct {
	random  *rand.Rand
	fixed   bool // has that table
	types   []module.FuncType
	funcs   []uint32 // types, of imported ones too
	globals []module.ValueType

	// Of the function that is being written:
	self     int
	out      code
	t        module.FuncType
	locals   []module.ValueType // parameters first
	counters []uint32           // locals that count loops, free ones
	labels   [][]module.ValueType
	room     int // what may still be written
}

const (
	generatedImports = 2
	generatedMemory  = 1 << 16
	tableSize        = 12
	dataSize         = 40 // of the passive segment
)

var (
	numbers = []module.ValueType{module.I32, module.I64, module.F32, module.F64}
	all     = append(slices.Clone(numbers), module.V128, module.FuncRef, module.ExternRef)
)

// pick returns one of many by chance.
func pick[T any](g *generator, from []T) T { return from[g.random.IntN(len(from))] }

// chance is true so many times of a hundred.
func (g *generator) chance(percent int) bool { return g.random.IntN(100) < percent }

// number is a type, mostly of a number.
func (g *generator) number() module.ValueType {
	if g.chance(6) {
		return pick(g, all)
	}
	return pick(g, numbers)
}

func (g *generator) list(most int) (types []module.ValueType) {
	for range g.random.IntN(most + 1) {
		types = append(types, g.number())
	}
	return types
}

// generate makes the module of a seed.
func generate(seed uint64) []byte {
	g := &generator{random: rand.New(rand.NewPCG(seed, 0x5eed)), fixed: seed%3 == 0}
	i32 := []module.ValueType{module.I32}
	g.types = []module.FuncType{{Params: i32, Results: i32}, {}}
	for range 3 + g.random.IntN(6) {
		g.types = append(g.types, module.FuncType{Params: g.list(5), Results: g.list(3)})
	}
	g.funcs = []uint32{0, 0}
	for range 2 + g.random.IntN(5) {
		g.funcs = append(g.funcs, uint32(g.random.IntN(len(g.types))))
	}
	g.funcs = append(g.funcs, 1) // the last may be the start
	g.globals = append(slices.Clone(numbers), module.I32, module.V128, module.FuncRef, module.ExternRef)
	return g.file()
}

func (g *generator) file() []byte {
	codes := g.codes() // first: it adds types of blocks
	file := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range []section{
		{module.SectionType, g.typeSection()},
		{module.SectionImport, append(code{2}, "\x03env\x04pure\x00\x00\x03env\x04odd!\x00\x00"...)},
		{module.SectionFunction, g.functionSection()},
		{module.SectionTable, g.tableSection()},
		{module.SectionMemory, code{1, 1, 1, 3}},
		{module.SectionGlobal, g.globalSection()},
		{module.SectionExport, g.exportSection()},
		{module.SectionStart, g.startSection()},
		{module.SectionElement, g.elementSection()},
		{module.SectionDataCount, code{2}},
		{module.SectionCode, codes},
		{module.SectionData, g.dataSection()},
	} {
		file = s.appendTo(file)
	}
	return file
}

func (g *generator) typeSection() (c code) {
	c.u32(uint32(len(g.types)))
	for _, t := range g.types {
		c.op(0x60)
		c.valueTypes(t.Params)
		c.valueTypes(t.Results)
	}
	return c
}

func (g *generator) functionSection() (c code) {
	own := g.funcs[generatedImports:]
	c.u32(uint32(len(own)))
	for _, t := range own {
		c.u32(t)
	}
	return c
}

func (g *generator) globalSection() (c code) {
	c.u32(uint32(len(g.globals)))
	outer := g.out
	for _, t := range g.globals {
		g.out = nil
		c.op(byte(t), 1)
		if t == module.FuncRef {
			g.out.with(opRefFunc, uint32(g.random.IntN(len(g.funcs))))
		} else {
			g.constant(t)
		}
		c = append(c, g.out...)
		c.op(opEnd)
	}
	g.out = outer
	return c
}

// exportSection exports all functions, the memory, and the globals that a host
// can read whole.
func (g *generator) exportSection() (c code) {
	exports := []module.Export{{Name: "memory", Kind: module.ExternMemory}}
	for i := range g.funcs[generatedImports:] {
		exports = append(exports, module.Export{Name: fmt.Sprintf("f%d", i), Index: uint32(generatedImports + i)})
	}
	for i := range numbers {
		exports = append(exports, module.Export{Name: fmt.Sprintf("g%d", i), Kind: module.ExternGlobal, Index: uint32(i)})
	}
	c.u32(uint32(len(exports)))
	for _, e := range exports {
		c.export(e)
	}
	return c
}

func (g *generator) startSection() (c code) {
	if g.chance(30) {
		c.u32(uint32(len(g.funcs) - 1))
	}
	return c
}

func (g *generator) tableSection() code {
	if g.fixed {
		return code{1, 0x70, 1, tableSize, 20}
	}
	return code{2, 0x70, 1, tableSize, 20, 0x6f, 1, 4, 9}
}

// elementSection fills the table with functions, and has passive segments of
// functions and of expressions; the last declares all.
func (g *generator) elementSection() (c code) {
	if g.fixed {
		return g.activeSegments()
	}
	c.u32(4)
	c.op(0, opI32Const, 1, opEnd)
	c.u32(tableSize - 2)
	for range tableSize - 2 {
		c.u32(uint32(g.random.IntN(len(g.funcs))))
	}
	c.op(1, 0, 3)
	for range 3 {
		c.u32(uint32(g.random.IntN(len(g.funcs))))
	}
	c.op(5, byte(module.FuncRef), 2, 0xd0, byte(module.FuncRef), opEnd)
	c.with(opRefFunc, uint32(g.random.IntN(len(g.funcs))))
	c.op(opEnd, 3, 0)
	c.u32(uint32(len(g.funcs)))
	for i := range g.funcs {
		c.u32(uint32(i))
	}
	return c
}

// activeSegments are of functions and of expressions, one over the other.
func (g *generator) activeSegments() (c code) {
	c.op(2, 0, opI32Const, 1, opEnd)
	c.u32(tableSize - 3)
	for range tableSize - 3 {
		c.u32(uint32(g.random.IntN(len(g.funcs))))
	}
	c.op(4, opI32Const, byte(g.random.IntN(tableSize-1)), opEnd, 2, 0xd0, byte(module.FuncRef), opEnd)
	c.with(opRefFunc, uint32(g.random.IntN(len(g.funcs))))
	c.op(opEnd)
	return c
}

func (g *generator) dataSection() (c code) {
	c.op(2, 0, opI32Const, 8, opEnd)
	for _, n := range []int{100, dataSize} {
		bytes := make([]byte, n)
		for i := range bytes {
			bytes[i] = byte(g.random.Uint32())
		}
		c.bytes(bytes)
		if n != dataSize {
			c.op(1)
		}
	}
	return c
}

func (g *generator) codes() (c code) {
	own := g.funcs[generatedImports:]
	c.u32(uint32(len(own)))
	for i, t := range own {
		g.self = generatedImports + i
		c.bytes(g.function(g.types[t]))
	}
	return c
}

// function writes a body: declarations, statements, results.
func (g *generator) function(t module.FuncType) (c code) {
	g.t, g.out, g.labels = t, nil, [][]module.ValueType{t.Results}
	g.locals, g.counters = slices.Clone(t.Params), nil
	own := g.list(12)
	g.locals = append(g.locals, own...)
	for range 4 {
		g.counters = append(g.counters, uint32(len(g.locals)+len(g.counters)))
	}
	g.room = 40 + g.random.IntN(400)
	g.statements(0)
	for _, t := range t.Results {
		g.expression(t, 3)
	}
	c.u32(uint32(len(own) + 1))
	for _, t := range own {
		c.u32(1)
		c.op(byte(t))
	}
	c.op(4, byte(module.I32))
	c = append(c, g.out...)
	c.op(opEnd)
	return c
}
