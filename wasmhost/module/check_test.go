package module

import (
	"strings"
	"testing"
)

// checked is a module whose function 1, named "f", has the instructions. It
// takes an i32 and gives one, and has a local of type i64; function 0 is
// imported. There are a table of functions and one of externref, a memory, an
// immutable global 0 and a mutable one, and a segment of each kind.
func checked(instructions ...byte) []byte {
	return file(
		section(SectionType, vec(funcType("i", "i"), funcType("", ""), funcType("ii", "iI"), funcType("i", ""))),
		section(SectionImport, vec(cat(text("env"), text("g"), raw(0, 1)))),
		section(SectionFunction, vec(raw(0))),
		section(SectionTable, vec(raw(0x70, 0, 1), raw(0x6f, 0, 1))),
		oneMemory,
		section(SectionGlobal, vec(raw(0x7f, 0, 0x41, 0, 0x0b), raw(0x7e, 1, 0x42, 0, 0x0b))),
		section(SectionExport, vec(export("f", ExternFunc, 1))),
		section(SectionElement, vec(cat(raw(5, 0x6f), vec()))),
		section(SectionDataCount, leb(1)),
		section(SectionCode, vec(body(raw(1, 1, 0x7e), append(instructions, 0x0b)...))),
		section(SectionData, vec(raw(1, 0))),
	)
}

func TestCheckAccepts(t *testing.T) {
	for _, c := range []struct {
		name string
		code []byte
	}{
		{"a parameter as the result", raw(0x20, 0)},
		{"an else", raw(0x20, 0, 0x04, 0x7f, 0x41, 1, 0x05, 0x41, 2, 0x0b)},
		{"an if without an else that gives what it takes", raw(0x20, 0, 0x20, 0, 0x04, 0, 0x0b)},
		{"a loop that takes", raw(0x20, 0, 0x03, 0, 0x20, 0, 0x0d, 0, 0x0b)},
		{"any types in code that is not reached", raw(0x00, 0x1b, 0x6a)},
		{"a br_table to different labels", raw(0x02, 0x7f, 0x41, 7, 0x20, 0, 0x0e, 1, 0, 1, 0x0b)},
		{"a br_table in code that is not reached", raw(0x00, 0x0e, 1, 0, 0)},
		{"a typed select of references", raw(0xd0, 0x6f, 0xd0, 0x6f, 0x20, 0, 0x1c, 1, 0x6f, 0xd1)},
		{"a reference to an exported function", raw(0xd2, 1, 0xd1)},
		{"a long form of an index", raw(0x20, 0x80, 0x80, 0x80, 0x80, 0)},
		{"a branch out of the function", raw(0x20, 0, 0x0c, 0)},
		{"a return with more below it", raw(0x42, 1, 0x41, 1, 0x0f)},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Admit(checked(c.code...), Bounds{}); err != nil {
				t.Error(err)
			}
		})
	}
}

var invalid = []struct {
	name string
	code []byte
	want string
}{
	{"a block without an end", raw(0x02, 0x40), `function 1, "f", has too few ends for its blocks`},
	{"an end too many", raw(0x20, 0, 0x0b), "has 1 bytes after its end"},
	{"an else without an if", raw(0x05, 0x20, 0), "has an else without its if"},
	{"an if without an else", raw(0x20, 0, 0x04, 0x7f, 0x41, 0, 0x0b), "has an if of type () -> i32 without an else"},
	{"an operand that is missing", raw(0x20, 0, 0x6a), "has i32.add where i32 is missing"},
	{"an operand below the block", raw(0x20, 0, 0x02, 0x40, 0x1a, 0x0b), "has drop without an operand for it"},
	{"an operand of another type", raw(0x20, 1, 0x20, 0, 0x6a), "has i32.add on i64 where i32 is needed"},
	{"a result of another type", raw(0x20, 1), "has end on i64 where i32 is needed"},
	{"operands left over", raw(0x20, 0, 0x20, 0), "has end with 1 operands left over"},
	{"a select of references", raw(0xd0, 0x6f, 0xd0, 0x6f, 0x20, 0, 0x1b, 0xd1), "has a select of externref, which must state its type"},
	{"a select of two types", raw(0x20, 0, 0x20, 1, 0x20, 0, 0x1b), "has a select of i32 and i64"},
	{"a select of two results", raw(0x20, 0, 0x1c, 2, 0x7f, 0x7f), "has a select of other than one value"},
	{"labels that take different numbers", raw(0x02, 0x40, 0x41, 7, 0x20, 0, 0x0e, 1, 0, 1, 0x0b), "has br_table to labels that take 0 and 1 operands"},
	{"labels that take different types", raw(0x02, 0x7e, 0x41, 7, 0x20, 0, 0x0e, 1, 0, 1, 0x0b), "has br_table on i32 where i64 is needed"},
	{"is_null of a number", raw(0x20, 0, 0xd1), "has ref.is_null on i32 where a reference is needed"},

	{"a local that is not there", raw(0x20, 2), "has local.get of local 2, but has only locals 0 to 1"},
	{"a global one past the last", raw(0x42, 0, 0x24, 2), "has global.set of global 2, but the module has only globals 0 to 1"},
	{"a global that is not mutable", raw(0x20, 0, 0x24, 0), "sets global 0, which is not mutable"},
	{"a function that is not there", raw(0x10, 2), "calls function 2, but the module has only functions 0 to 1"},
	{"a type that is not there", raw(0x20, 0, 0x11, 4, 0), "calls a function of type 4, but the module has only types 0 to 3"},
	{"a call through a table of externref", raw(0x20, 0, 0x20, 0, 0x11, 0, 1), "calls functions of table 1, which has none"},
	{"a block type that is not there", raw(0x02, 4, 0x0b), "has block of type 4, but the module has only types 0 to 3"},
	{"a table that is not there", raw(0xfc, 0x10, 2), "has table.size of table 2, but the module has only tables 0 to 1"},
	{"a copy between tables of two types", raw(0x20, 0, 0x20, 0, 0x20, 0, 0xfc, 0x0e, 0, 1), "has table.copy of externref into a table of funcref"},
	{"elements of another type", raw(0x20, 0, 0x20, 0, 0x20, 0, 0xfc, 0x0c, 0, 0), "has table.init of externref into a table of funcref"},
	{"an element segment that is not there", raw(0xfc, 0x0d, 1), "has elem.drop of element segment 1, but the module has only segment 0"},
	{"a data segment that is not there", raw(0xfc, 9, 1), "has data.drop of data segment 1, but the module has only segment 0"},
	{"a label that is not there", raw(0x02, 0x40, 0x0c, 2, 0x0b), "has br to label 2, but has only labels 0 to 1"},
	{"a reference that is not declared", raw(0xd2, 0, 0x1a), "refers to function 0, which no export, global or element segment declares"},
	{"a reference to no function", raw(0xd2, 2, 0x1a), "refers to function 2, but the module has only functions 0 to 1"},

	{"an alignment above the access", raw(0x20, 0, 0x28, 3, 0), "has i32.load aligned to 2 to the power of 3; at most 2 is allowed"},
	{"a lane that is not there", raw(0xfd, 0x1d, 2), "has i64x2.extract_lane of lane 2, but there are only lanes 0 to 1"},
	{"a shuffle of lane 32", cat(raw(0xfd, 13), make([]byte, 15), raw(32)), "has i8x16.shuffle of lane 32"},
	{"an instruction that is cut off", raw(0x43, 1, 2), "gives its body 4 bytes, too few for what is in it"},
	{"a vector instruction in a long form", raw(0xfd, 0x8c, 0), "has a vector instruction, v128.const, in more bytes than it needs"},
	{"an opcode that nothing has", raw(0x27), "has an unknown instruction, 0x27"},
	{"a second part that nothing has", raw(0xfd, 0x9a, 1), "has an unknown instruction, 0xfd 154"},

	{"a tail call", raw(0x12, 0), `function 1, "f", uses tail calls (return_call), which this host does not run`},
	{"an indirect tail call", raw(0x13, 0, 0), "uses tail calls (return_call_indirect)"},
	{"a try", raw(0x06, 0x40, 0x0b), "uses exception handling (try)"},
	{"a try_table", raw(0x1f, 0x40, 0, 0x0b), "uses exception handling (try_table)"},
	{"a throw", raw(0x08, 0), "uses exception handling (throw)"},
	{"an atomic load", raw(0x20, 0, 0xfe, 0x10, 2, 0), "uses threads (an instruction that starts with 0xfe)"},
	{"a struct", raw(0xfb, 0, 0), "uses garbage collection (an instruction that starts with 0xfb)"},
	{"a call by a typed reference", raw(0x14, 0), "uses typed references (call_ref)"},
	{"a block of a typed reference", raw(0x02, 0x64, 0x70, 0x0b), "uses typed references (value type 0x64)"},
	{"a relaxed vector instruction", raw(0xfd, 0x80, 2), "uses relaxed SIMD (instruction 0xfd 256)"},
	{"a second memory's size", raw(0x3f, 1), "uses multiple memories"},
	{"a second memory's load", raw(0x20, 0, 0x28, 0x42, 1, 0), "uses multiple memories (a memory access that names its memory)"},
	{"wide arithmetic", raw(0xfc, 0x13), "uses wide arithmetic"},
}

func TestCheckRefuses(t *testing.T) {
	for _, c := range invalid {
		t.Run(c.name, func(t *testing.T) {
			file := checked(c.code...)
			_, err := Admit(file, Bounds{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got  %v\nwant %s", err, c.want)
			}
			checkError(t, err, len(file))
		})
	}
}

func TestCheckNamesTheFunctionAndTheOffset(t *testing.T) {
	_, err := Admit(checked(0x20, 1), Bounds{})
	want := `function 1, "f", has end on i64 where i32 is needed (at byte 0x61)`
	if err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
	_, err = Admit(code(body(noLocals, 0x1a, 0x0b)), Bounds{})
	if want := "function 0 has drop without an operand for it (at byte 0x17)"; err == nil || err.Error() != want {
		t.Errorf("got  %v\nwant %s", err, want)
	}
}

func TestWhatIsNotThereIsNotUsed(t *testing.T) {
	for name, c := range map[string]struct {
		code []byte
		want string
	}{
		"memory":     {raw(0x3f, 0, 0x1a), "has memory.size, but the module has no memory"},
		"data count": {raw(0xfc, 9, 0), "has data.drop, but the module has no data count section"},
		"table":      {raw(0x41, 0, 0x25, 0, 0x1a), "has table.get of table 0, but the module has no tables"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Admit(code(body(noLocals, append(c.code, 0x0b)...)), Bounds{})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}
