package meter

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// pressed is a module whose function 0 is made to have a large frame; there are
// others to call, a memory, a table and a passive segment of each kind.
type pressed struct {
	params, results []module.ValueType
	locals          []module.ValueType
	body            code
	blocks          []module.FuncType // types for blocks, from blockType on
}

// The functions to call take a value and return it; each has the type of its
// number.
const (
	callI32 = iota + 1
	callI64
	callF64
	callV128
	callNone
	blockType // the first type of blocks
)

var callable = []module.ValueType{callI32: module.I32, callI64: module.I64, callF64: module.F64, callV128: module.V128}

func (s pressed) file() []byte {
	types := []module.FuncType{{Params: s.params, Results: s.results}}
	for _, v := range callable[1:] {
		types = append(types, module.FuncType{Params: []module.ValueType{v}, Results: []module.ValueType{v}})
	}
	types = append(append(types, module.FuncType{}), s.blocks...)
	var typeSection, codes code
	typeSection.u32(uint32(len(types)))
	for _, t := range types {
		typeSection.op(0x60)
		typeSection.valueTypes(t.Params)
		typeSection.valueTypes(t.Results)
	}
	codes.u32(blockType)
	codes.bytes(function(s.locals, s.body))
	for range callable[1:] {
		codes.bytes(function(nil, code{opLocalGet, 0}))
	}
	codes.bytes(function(nil, nil))
	file := []byte("\x00asm\x01\x00\x00\x00")
	for _, s := range []section{
		{module.SectionType, typeSection},
		{module.SectionFunction, code{blockType, 0, 1, 2, 3, 4, 5}},
		{module.SectionTable, code{1, 0x70, 0, 8}},
		{module.SectionMemory, code{1, 0, 1}},
		{module.SectionGlobal, code{1, 0x7f, 1, 0x41, 0, opEnd}},
		{module.SectionExport, append(code{1, 3}, "run\x00\x00"...)},
		{module.SectionElement, code{1, 1, 0, 1, 1}},
		{module.SectionDataCount, code{1}},
		{module.SectionCode, codes},
		{module.SectionData, code{1, 1, 1, 'x'}},
	} {
		file = s.appendTo(file)
	}
	return file
}

// A numeric type with what is done with it.
type numeric struct {
	v          module.ValueType
	call       uint32
	load, add  []byte
	loadOffset uint32
}

var numerics = []numeric{
	{module.I32, callI32, []byte{0x28, 0}, []byte{0x6a}, 0},
	{module.I64, callI64, []byte{0x29, 0}, []byte{0x7c}, 0},
	{module.F64, callF64, []byte{0x2b, 0}, []byte{0xa0}, 0},
	{module.V128, callV128, []byte{0xfd, 0x00, 0}, []byte{0xfd, 0xae, 0x01}, 0},
}

// from pushes a value that the engine cannot know, read from memory.
func (k numeric) from(c *code, offset int) {
	c.i32(0)
	*c = append(*c, k.load...)
	c.u32(uint32(offset))
}

// push pushes n values.
func (s *pressed) push(k numeric, n int) {
	for i := range n {
		k.from(&s.body, i*16)
	}
}

// sum makes one of n values, and drops it.
func (s *pressed) sum(k numeric, n int) {
	for range n - 1 {
		s.body.op(k.add...)
	}
	s.drop(1)
}

func (s *pressed) drop(n int) {
	for range n {
		s.body.op(opDrop)
	}
}

// use reads the first n locals.
func (s *pressed) use(n int) {
	for i := range n {
		s.body.with(opLocalGet, uint32(i))
		s.drop(1)
	}
}

// fill sets the first n locals.
func (s *pressed) fill(k numeric, n, apart int) {
	for i := range n {
		k.from(&s.body, i*apart)
		s.body.with(opLocalSet, uint32(i))
	}
}

// carried gives blocks the type [blockType] of n values that go in and out.
func (s *pressed) carried(k numeric, n int) {
	s.blocks = []module.FuncType{{Params: repeated(k.v, n), Results: repeated(k.v, n)}}
}

// begin begins a block of that type.
func (s *pressed) begin(op byte) {
	s.body.op(op)
	s.body.s64(blockType)
}

// branchIf branches to label 0 by a value that the engine cannot know.
func (s *pressed) branchIf(i int) {
	numerics[0].from(&s.body, i)
	s.body.with(opBrIf, 0)
}

// pressure makes functions of one kind, with n of something.
type pressure struct {
	name string
	most int // n
	make func(k numeric, n int) pressed
}

func TestNoFrameUnderPressureIsAboveItsEstimate(t *testing.T) {
	for _, s := range slices.Concat(straight, parted) {
		for _, k := range numerics {
			for _, n := range []int{2, 3, 5, 8, 13, 50, s.most} {
				if n = min(n, s.most); n == s.most && s.most < 50 {
					continue
				}
				t.Run(fmt.Sprintf("%s, %s, %d", s.name, k.v, n), func(t *testing.T) {
					compareFrames(t, unbounded(t, s.make(k, n).file()))
				})
			}
		}
	}
}

// unbounded is admitted for what its compiling would cost too.
func unbounded(t testing.TB, file []byte) *module.Module {
	t.Helper()
	m, err := module.Admit(file, module.Unbounded())
	check(t, err)
	return m
}
