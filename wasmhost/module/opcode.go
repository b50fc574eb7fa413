package module

import "fmt"

// Opcode is an instruction's number (section "instructions"): its byte, or of
// those with two parts the first byte (0xfc, 0xfd) times 256 plus the second
// part, which is at most 255 in what this host runs.
type Opcode uint16

// The opcodes that code outside the table of instructions speaks of: those
// that have labels, indices or constants, or a typing rule of their own.
const (
	OpcodeUnreachable  Opcode = 0x00
	OpcodeNop          Opcode = 0x01
	OpcodeBlock        Opcode = 0x02
	OpcodeLoop         Opcode = 0x03
	OpcodeIf           Opcode = 0x04
	OpcodeElse         Opcode = 0x05
	OpcodeEnd          Opcode = 0x0b
	OpcodeBr           Opcode = 0x0c
	OpcodeBrIf         Opcode = 0x0d
	OpcodeBrTable      Opcode = 0x0e
	OpcodeReturn       Opcode = 0x0f
	OpcodeCall         Opcode = 0x10
	OpcodeCallIndirect Opcode = 0x11
	OpcodeDrop         Opcode = 0x1a
	OpcodeSelect       Opcode = 0x1b
	OpcodeSelectTyped  Opcode = 0x1c
	OpcodeLocalGet     Opcode = 0x20
	OpcodeLocalSet     Opcode = 0x21
	OpcodeLocalTee     Opcode = 0x22
	OpcodeGlobalGet    Opcode = 0x23
	OpcodeGlobalSet    Opcode = 0x24
	OpcodeTableGet     Opcode = 0x25
	OpcodeTableSet     Opcode = 0x26
	OpcodeMemorySize   Opcode = 0x3f
	OpcodeMemoryGrow   Opcode = 0x40
	OpcodeI32Const     Opcode = 0x41
	OpcodeI64Const     Opcode = 0x42
	OpcodeF32Const     Opcode = 0x43
	OpcodeF64Const     Opcode = 0x44
	OpcodeRefNull      Opcode = 0xd0
	OpcodeRefIsNull    Opcode = 0xd1
	OpcodeRefFunc      Opcode = 0xd2
	OpcodeMemoryInit   Opcode = 0xfc08
	OpcodeDataDrop     Opcode = 0xfc09
	OpcodeMemoryCopy   Opcode = 0xfc0a
	OpcodeMemoryFill   Opcode = 0xfc0b
	OpcodeTableInit    Opcode = 0xfc0c
	OpcodeElemDrop     Opcode = 0xfc0d
	OpcodeTableCopy    Opcode = 0xfc0e
	OpcodeTableGrow    Opcode = 0xfc0f
	OpcodeTableSize    Opcode = 0xfc10
	OpcodeTableFill    Opcode = 0xfc11
	OpcodeV128Const    Opcode = 0xfd0c
)

// The bytes that opcodes of two parts start with.
const (
	prefixMisc   = 0xfc
	prefixVector = 0xfd
)

// Instruction returns what the table of instructions says of an opcode; false
// where this host runs no such instruction.
func (op Opcode) Instruction() (*Instruction, bool) {
	i := &instructions[op.slot()]
	return i, i.Op == op && i.Name != ""
}

// slot is the opcode's place in the table: a page for those of one byte, then
// one for each prefix. Opcodes that have no place share one that is not theirs.
func (op Opcode) slot() int {
	switch op >> 8 {
	case prefixMisc:
		return 0x100 + int(op&0xff)
	case prefixVector:
		return 0x200 + int(op&0xff)
	}
	return int(op & 0xff)
}

const slots = 0x300

// String returns the name of the text format, such as i32.add, and the bytes
// of an opcode that has none.
func (op Opcode) String() string {
	if i, ok := op.Instruction(); ok {
		return i.Name
	}
	if op > 0xff {
		return fmt.Sprintf("%#02x %d", byte(op>>8), op&0xff)
	}
	return fmt.Sprintf("%#02x", byte(op))
}

// opcode reads an opcode. The second part of a vector instruction must be as
// short as it can be, though the specification allows more: an engine that
// reads it as a byte takes the rest for other instructions, and would run what
// was never checked.
func (d *decoder) opcode() Opcode {
	op := Opcode(d.byte())
	if op != prefixMisc && op != prefixVector {
		return op
	}
	from := d.at - 1
	second := d.u32()
	switch {
	case d.err != nil:
		return 0
	case second > 0xff:
		d.laterOpcode(from, byte(op), second)
	case op == prefixVector && d.at-from > 2+int(second>>7):
		d.fail(from, "has a vector instruction, %s, in more bytes than it needs", op<<8|Opcode(second))
	}
	return op<<8 | Opcode(second&0xff)
}
