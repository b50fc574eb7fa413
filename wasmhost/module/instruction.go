package module

import (
	"math/bits"
	"strings"
)

// An Instruction is what the format says of an opcode.
type Instruction struct {
	Op        Opcode
	Name      string // in the text format
	Immediate Immediate
	// Params and Results are what it takes from the operand stack and leaves
	// there, the last on top. Both are nil where that depends on its
	// immediates or on where it stands.
	Params, Results []ValueType

	align uint8 // the most that a memory access may state, as a power of two
	lanes uint8 // lane numbers are below it
	traps bool  // by its operands: divisions, and conversions of what is too large
}

// Immediate is what follows an opcode.
type Immediate uint8

// The forms of immediates (section "instructions").
const (
	NoImmediate         Immediate = iota
	BlockImmediate                // a block type
	LabelImmediate                // a label
	LabelsImmediate               // of br_table: labels, the last the default
	FuncImmediate                 // a function
	TypeImmediate                 // of call_indirect: a type, a table
	LocalImmediate                // a local
	GlobalImmediate               // a global
	TableImmediate                // a table
	TablesImmediate               // of table.copy: two tables, the target first
	ElemImmediate                 // an element segment
	InitImmediate                 // of table.init: an element segment, a table
	DataImmediate                 // a data segment
	MemInitImmediate              // of memory.init: a data segment, a memory
	MemoryImmediate               // a memory
	MemoriesImmediate             // of memory.copy: two memories
	MemargImmediate               // an alignment, an offset
	MemargLaneImmediate           // an alignment, an offset, a lane
	LaneImmediate                 // a lane
	ShuffleImmediate              // sixteen lanes
	I32Immediate                  // a constant
	I64Immediate
	F32Immediate
	F64Immediate
	V128Immediate
	RefTypeImmediate // a reference type
	TypesImmediate   // of the typed select: a vector of one value type
)

// instructions has the opcodes in their slots; those without a name are none.
var instructions = tabulate(runs)

func tabulate(runs []run) *[slots]Instruction {
	table := new([slots]Instruction)
	for _, r := range runs {
		for i, name := range strings.Fields(r.names) {
			op := r.first + Opcode(i)
			table[op.slot()] = r.instruction(op, name)
		}
	}
	return table
}

// A run is instructions whose opcodes follow one another, alike but for their
// names.
type run struct {
	first     Opcode
	immediate Immediate
	// width is the bits a memory access moves; of lanes without one, their
	// number.
	width int
	types string // "ii:i" takes two i32 and leaves one; empty where it depends
	names string
}

func (r run) instruction(op Opcode, name string) Instruction {
	i := Instruction{Op: op, Name: name, Immediate: r.immediate}
	params, results, _ := strings.Cut(r.types, ":")
	i.Params, i.Results = valueTypes(params), valueTypes(results)
	for _, part := range []string{".div_", ".rem_", ".trunc_f"} {
		i.traps = i.traps || len(i.Params) > 0 && i.Params[0] != V128 && strings.Contains(name, part)
	}
	switch r.immediate {
	case LaneImmediate, ShuffleImmediate:
		i.lanes = uint8(r.width)
	case MemargLaneImmediate:
		i.lanes = uint8(128 / r.width)
		fallthrough
	case MemargImmediate:
		i.align = uint8(bits.Len(uint(r.width/8)) - 1)
	}
	return i
}

// valueTypes reads the letters of a run: those of the types' names, with
// capitals for 64 bits.
func valueTypes(letters string) []ValueType {
	var types []ValueType
	for _, l := range letters {
		types = append(types, map[rune]ValueType{'i': I32, 'I': I64, 'f': F32, 'F': F64, 'v': V128}[l])
	}
	return types
}
