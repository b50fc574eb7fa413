package meter

import (
	"slices"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// oneFunction is a module with a memory of one page and the exported function
// run(i32) -> i32, which may call itself as function 0.
func oneFunction(locals []module.ValueType, body code) []byte {
	var codes code
	codes.u32(1)
	codes.bytes(function(locals, body))
	file := append([]byte(nil), "\x00asm\x01\x00\x00\x00"...)
	for _, s := range []section{
		{module.SectionType, code{1, 0x60, 1, 0x7f, 1, 0x7f}},
		{module.SectionFunction, code{1, 0}},
		{module.SectionMemory, code{1, 0, 1}},
		{module.SectionExport, append(code{1, 3}, "run\x00\x00"...)},
		{module.SectionCode, codes},
	} {
		file = s.appendTo(file)
	}
	return file
}

// function is the code of one.
func function(locals []module.ValueType, body code) (c code) {
	c.u32(uint32(len(locals)))
	for _, t := range locals {
		c.u32(1)
		c.op(byte(t))
	}
	return append(append(c, body...), opEnd)
}

func repeated(t module.ValueType, n int) []module.ValueType {
	return slices.Repeat([]module.ValueType{t}, n)
}

// The one-byte instructions that only tests write.
const (
	opBrIf = 0x0d
	opDrop = 0x1a
)
