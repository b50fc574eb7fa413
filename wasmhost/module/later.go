package module

import "fmt"

// A later is a range of opcodes that a proposal, or version 3 of the
// specification, gives a meaning; names are those of single opcodes.
type later struct {
	first, last byte
	feature     string
	names       []string
}

// laterOpcodes of one byte, or by their first.
var laterOpcodes = []later{
	{0x06, 0x0a, "exception handling", []string{"try", "catch", "throw", "rethrow", "throw_ref"}},
	{0x12, 0x13, "tail calls", []string{"return_call", "return_call_indirect"}},
	{0x14, 0x14, "typed references", []string{"call_ref"}},
	{0x15, 0x15, "tail calls", []string{"return_call_ref"}},
	{0x18, 0x19, "exception handling", []string{"delegate", "catch_all"}},
	{0x1f, 0x1f, "exception handling", []string{"try_table"}},
	{0xd3, 0xd3, "garbage collection", []string{"ref.eq"}},
	{0xd4, 0xd6, "typed references", []string{"ref.as_non_null", "br_on_null", "br_on_non_null"}},
	{0xe0, 0xe5, "stack switching", nil},
	{0xfb, 0xfb, "garbage collection", nil},
	{0xfe, 0xfe, "threads", nil},
}

// unknown refuses an opcode that is not in the table of instructions.
func (d *decoder) unknown(from int, op Opcode) {
	if d.err != nil {
		return
	}
	if op>>8 != 0 {
		d.laterOpcode(from, byte(op>>8), uint32(op&0xff))
	}
	for _, l := range laterOpcodes {
		if op := byte(op); l.first <= op && op <= l.last {
			d.lacks(from, l.feature, l.name(op))
		}
	}
	d.fail(from, "has an unknown instruction, %s", op)
}

func (l later) name(op byte) string {
	if i := int(op - l.first); i < len(l.names) {
		return l.names[i]
	}
	return fmt.Sprintf("an instruction that starts with %#02x", op)
}

// laterOpcode refuses an opcode of two parts.
func (d *decoder) laterOpcode(from int, prefix byte, second uint32) {
	what := fmt.Sprintf("instruction %#02x %d", prefix, second)
	switch {
	case prefix == prefixVector && 0x100 <= second && second <= 0x12f:
		d.lacks(from, "relaxed SIMD", what)
	case prefix == prefixMisc && second == 0x12:
		d.lacks(from, "memory control", "memory.discard")
	case prefix == prefixMisc && 0x13 <= second && second <= 0x16:
		d.lacks(from, "wide arithmetic", what)
	}
	d.fail(from, "has an unknown instruction, %#02x %d", prefix, second)
}
