package module

import (
	"bytes"
	_ "embed"
	"strings"
	"testing"
)

// instructions.wasm is made by [everyInstruction]; instructions.txt has the
// name that wabt's disassembler gives each of its instructions, in order.
var (
	//go:embed testdata/instructions.wasm
	instructionsFile []byte
	//go:embed testdata/instructions.txt
	instructionNames string
)

// immediateBytes are an immediate of each form, valid in [everyInstruction].
var immediateBytes = map[Immediate][]byte{
	NoImmediate: nil, BlockImmediate: raw(noResultByte), LabelImmediate: raw(0), LabelsImmediate: raw(2, 0, 0, 0),
	FuncImmediate: raw(0), TypeImmediate: raw(0, 0), LocalImmediate: raw(0), GlobalImmediate: raw(0),
	TableImmediate: raw(0), TablesImmediate: raw(0, 0), ElemImmediate: raw(0), InitImmediate: raw(0, 0),
	DataImmediate: raw(0), MemInitImmediate: raw(0, 0), MemoryImmediate: raw(0), MemoriesImmediate: raw(0, 0),
	MemargImmediate: raw(0, 0x80, 1), MemargLaneImmediate: raw(0, 0x80, 1, 1), LaneImmediate: raw(1),
	ShuffleImmediate: raw(31, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 0),
	I32Immediate:     raw(0x7f), I64Immediate: raw(0x7e), F32Immediate: raw(1, 2, 3, 4),
	F64Immediate: raw(1, 2, 3, 4, 5, 6, 7, 8), V128Immediate: raw(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16),
	RefTypeImmediate: raw(0x70), TypesImmediate: raw(1, 0x7f),
}

func (op Opcode) encode() []byte {
	if op > 0xff {
		return cat(raw(byte(op>>8)), leb(int(op&0xff)))
	}
	return raw(byte(op))
}

func encodeOne(i *Instruction) []byte { return cat(i.Op.encode(), immediateBytes[i.Immediate]) }

// known are the instructions of the table in order.
func known() (all []*Instruction) {
	for i := range instructions {
		if instructions[i].Name != "" {
			all = append(all, &instructions[i])
		}
	}
	return all
}

// everyInstruction is a module with two functions for each instruction: one
// has it in code that is not reached, where all types fit; the other, where
// the table gives types, is exactly of these.
func everyInstruction() []byte {
	types, funcs, bodies := [][]byte{funcType("", "")}, [][]byte{}, [][]byte{}
	for _, i := range known() {
		funcs = append(funcs, leb(0))
		bodies = append(bodies, body(raw(1, 1, 0x7f), cat(raw(0), around(i), raw(0, 0x0b))...))
		if len(i.Params)+len(i.Results) == 0 {
			continue
		}
		funcs = append(funcs, leb(len(types)))
		types = append(types, cat(raw(funcTypeByte), typeBytes(i.Params), typeBytes(i.Results)))
		var code []byte
		for p := range i.Params {
			code = append(code, 0x20, byte(p))
		}
		bodies = append(bodies, body(noLocals, cat(code, encodeOne(i), raw(0x0b))...))
	}
	return file(section(SectionType, vec(types...)), section(SectionFunction, vec(funcs...)), oneTable, oneMemory,
		global(0x7f, 1, 0x41, 0, 0x0b), section(SectionElement, vec(cat(raw(1, 0), vec(raw(0))))),
		section(SectionDataCount, leb(1)), section(SectionCode, vec(bodies...)), section(SectionData, vec(raw(1, 0))))
}

// around adds what an instruction that opens or closes a block needs.
func around(i *Instruction) []byte {
	switch i.Op {
	case OpcodeBlock, OpcodeLoop, OpcodeIf:
		return cat(encodeOne(i), raw(0x0b))
	case OpcodeElse:
		return raw(0x04, noResultByte, 0x05, 0x0b)
	case OpcodeEnd:
		return raw(0x02, noResultByte, 0x0b)
	}
	return encodeOne(i)
}

func typeBytes(types []ValueType) []byte {
	b := leb(len(types))
	for _, t := range types {
		b = append(b, byte(t))
	}
	return b
}

func TestTheTableHasTheInstructionsOfVersion2(t *testing.T) {
	count := map[Opcode]int{}
	for _, i := range known() {
		count[i.Op>>8]++
		if op, ok := i.Op.Instruction(); !ok || op != i || i.Op.String() != i.Name {
			t.Errorf("%v is not found by its opcode", i)
		}
	}
	if count[0] != 183 || count[prefixMisc] != 18 || count[prefixVector] != 236 {
		t.Errorf("got %v instructions by prefix", count)
	}
}

func TestTheFixtureHasEveryInstruction(t *testing.T) {
	if !bytes.Equal(instructionsFile, everyInstruction()) {
		t.Error("testdata/instructions.wasm is not what the table makes")
	}
	if _, err := Admit(instructionsFile, Bounds{}); err != nil {
		t.Error(err)
	}
}

func TestInstructionsHaveTheNamesOfTheTextFormat(t *testing.T) {
	var got []string
	for _, c := range decode(t, instructionsFile).Codes {
		at := c.Offset
		r := c.Reader()
		for in := r.Next(); in != nil; in = r.Next() {
			if in.Offset != at || !bytes.Equal(in.Raw, instructionsFile[at:at+len(in.Raw)]) {
				t.Fatalf("%s at %#x: its bytes are % x, and it follows %#x", in.Op, in.Offset, in.Raw, at)
			}
			got, at = append(got, in.Op.String()), at+len(in.Raw)
		}
		if r.Err() != nil || at != c.Offset+len(c.Body) {
			t.Fatalf("stopped at %#x with %v", at, r.Err())
		}
	}
	want := strings.Fields(instructionNames)
	for i := range min(len(got), len(want)) {
		if got[i] != want[i] {
			t.Fatalf("instruction %d is %s, and wabt says %s", i, got[i], want[i])
		}
	}
	if len(got) != len(want) {
		t.Errorf("got %d instructions, want %d", len(got), len(want))
	}
}

func TestEveryOtherOpcodeIsRefused(t *testing.T) {
	for first := range 0x100 {
		for _, second := range []int{-1, 0, 0x12, 0x20, 0x7f, 0x9a, 0xa2, 0xff, 0x100, 0x113, 0x200} {
			op := raw(byte(first))
			known := Opcode(first)
			if second >= 0 {
				op, known = cat(op, leb(second)), known<<8|Opcode(second&0xff)
			}
			if _, ok := known.Instruction(); ok && second <= 0xff || second >= 0 && first != prefixMisc && first != prefixVector {
				continue
			}
			_, err := Admit(code(body(noLocals, cat(op, raw(0x0b))...)), Bounds{})
			if err == nil || !strings.Contains(err.Error(), "function 0") {
				t.Errorf("% x: got %v", op, err)
			}
		}
	}
}

func TestReadingAllocatesNothingPerInstruction(t *testing.T) {
	m := decode(t, instructionsFile)
	r := new(Reader)
	if n := testing.AllocsPerRun(10, func() {
		for _, c := range m.Codes {
			for r.Reset(c); r.Next() != nil; {
			}
		}
	}); n > 1 {
		t.Errorf("%v allocations for %d functions", n, len(m.Codes))
	}
}
