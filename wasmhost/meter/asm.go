package meter

import (
	"encoding/binary"

	"github.com/sandsock/sandsock/wasmhost/module"
	"github.com/sandsock/sandsock/wasmhost/steps"
)

// code is WebAssembly being written, in the binary format.
type code []byte

// u32 and s64 append numbers in LEB128 (values, section "integers").
func (c *code) u32(n uint32) { *c = binary.AppendUvarint(*c, uint64(n)) }

func (c *code) s64(n int64) {
	for {
		b := byte(n & 0x7f)
		n >>= 7
		if n == 0 && b&0x40 == 0 || n == -1 && b&0x40 != 0 {
			*c = append(*c, b)
			return
		}
		*c = append(*c, b|0x80)
	}
}

// bytes appends a vector of bytes.
func (c *code) bytes(b []byte) {
	c.u32(uint32(len(b)))
	*c = steps.Append(*c, b)
}

func (c *code) text(s string) {
	c.u32(uint32(len(s)))
	*c = append(*c, s...)
}

// op appends instructions without immediates.
func (c *code) op(ops ...byte) { *c = append(*c, ops...) }

// with appends an instruction with one index.
func (c *code) with(op byte, index uint32) {
	*c = append(*c, op)
	c.u32(index)
}

// misc appends an instruction of two parts with its indices.
func (c *code) misc(op module.Opcode, indices ...uint32) {
	*c = append(*c, byte(op>>8))
	c.u32(uint32(op & 0xff))
	for _, i := range indices {
		c.u32(i)
	}
}

// i64 and i32 append constants.
func (c *code) i64(n int64) {
	*c = append(*c, opI64Const)
	c.s64(n)
}

func (c *code) i32(n int32) {
	*c = append(*c, opI32Const)
	c.s64(int64(n))
}

// The one-byte instructions that are injected.
const (
	opUnreachable  = 0x00
	opLoop         = 0x03
	opIf           = 0x04
	opBlock        = 0x02
	opEnd          = 0x0b
	opBr           = 0x0c
	opBrTable      = 0x0e
	opReturn       = 0x0f
	opCall         = 0x10
	opCallIndirect = 0x11
	opLocalGet     = 0x20
	opLocalSet     = 0x21
	opLocalTee     = 0x22
	opGlobalGet    = 0x23
	opGlobalSet    = 0x24
	opMemorySize   = 0x3f
	opMemoryGrow   = 0x40
	opI32Const     = 0x41
	opI64Const     = 0x42
	opI32Ne        = 0x47
	opI32LtS       = 0x48
	opI32LtU       = 0x49
	opI32GtU       = 0x4b
	opI64LtS       = 0x53
	opI64GtU       = 0x56
	opI32Add       = 0x6a
	opI32Sub       = 0x6b
	opI32Or        = 0x72
	opI64Add       = 0x7c
	opI64Sub       = 0x7d
	opI64Or        = 0x84
	opI64Shl       = 0x86
	opI64ShrU      = 0x88
	opI64Extend    = 0xad // of an unsigned i32
	opRefFunc      = 0xd2
	noResult       = 0x40 // a block type
)
