package module

import (
	"errors"
	"strings"
	"testing"
)

func imports(module, name string, rest ...byte) []byte {
	return section(SectionImport, vec(cat(text(module), text(name), rest)))
}

func memory(limits ...byte) []byte { return section(SectionMemory, vec(limits)) }

func table(b ...byte) []byte { return section(SectionTable, vec(b)) }

func global(b ...byte) []byte { return section(SectionGlobal, vec(b)) }

// code is a module of one function without parameters.
func code(body []byte) []byte { return file(oneType, oneFunc, section(SectionCode, vec(body))) }

var refused = []struct {
	name string
	file []byte
	want string
}{
	{"a type section that claims 4 G types", file(section(SectionType, raw(0xff, 0xff, 0xff, 0xff, 0x0f))),
		"declares 4294967295 types, more than fit into the 0 bytes left of the type section (at byte 0xa)"},
	{"4 G locals", code(body(raw(1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f), 0x0b)),
		"declares 4294967295 locals and parameters in a function; at most 50000 are allowed (at byte 0x16)"},
	{"4 G locals twice, whose sum is small in 32 bits",
		code(body(raw(2, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f, 2, 0x7f), 0x0b)), "declares 4294967297 locals"},
	{"a parameter too many", file(section(SectionType, vec(funcType("i", ""))), oneFunc,
		section(SectionCode, vec(body(raw(1, 0xd0, 0x86, 3, 0x7f), 0x0b)))), "declares 50001 locals and parameters"},
	{"a number of six bytes", file(section(SectionType, raw(0x80, 0x80, 0x80, 0x80, 0x80, 0))),
		"has a 32-bit number of more than 5 bytes (at byte 0xa)"},
	{"a number of 33 bits", file(section(SectionType, raw(0xff, 0xff, 0xff, 0xff, 0x1f))),
		"has a number that does not fit into 32 bits (at byte 0xa)"},
	{"a section too small", file(cat(raw(1, 2), vec(funcType("", "")))),
		"declares 1 types, more than fit into the 1 bytes left of the type section"},
	{"an entry that leaves its section", file(cat(raw(1, 4), vec(funcType("iii", "")))),
		"declares 3 parameters, more than fit into the 1 bytes left of the type section (at byte 0xc)"},
	{"a field that leaves its section", file(cat(raw(2, 5), vec(cat(text("env"), text("f"), raw(0, 0))))),
		"gives the import section 5 bytes, too few for what is in it (at byte 0xf)"},
	{"a section too large", file(section(SectionType, vec(funcType("", "")), raw(1, 2, 3))),
		"gives the type section 7 bytes, 3 more than what is in it (at byte 0xe)"},
	{"a section cut off", file(oneType)[:12], "ends in the middle of the type section: 2 of its 4 bytes are there (at byte 0xc)"},
	{"a section's size cut off", file(raw(10, 0x80)), "ends in the middle of a section's size (at byte 0xa)"},
	{"a second section", file(oneType, oneType), "has a second type section (at byte 0xe)"},
	{"sections in the wrong order", file(oneMemory, oneType),
		"has its type section after its memory section, which is the wrong order (at byte 0xd)"},
	{"a data count after the code", file(oneType, oneFunc, oneCode, section(SectionDataCount, leb(0))),
		"has its data count section after its code section, which is the wrong order"},
	{"an unknown section", file(raw(14, 0)), "has a section of an unknown kind, 14: is the file damaged? (at byte 0x8)"},
	{"functions without bodies", file(oneType, oneFunc), "declares functions (1) but has no code section"},
	{"two bodies for a function", file(oneType, oneFunc, section(SectionCode, vec(empty, empty))),
		"has a function section of length 1 but a code section of length 2"},
	{"too small a data count", file(section(SectionDataCount, leb(0)), section(SectionData, vec(raw(1, 0)))),
		"has a data count of 0 but a data section of length 1"},

	{"a name that is not UTF-8", file(imports("\xff", "f", 0, 0)), `has a name that is not UTF-8 text: "\xff"`},
	{"a custom section's name that is not UTF-8", file(section(SectionCustom, text("\xc3"))), "has a name that is not UTF-8"},
	{"a custom section's name cut off", file(section(SectionCustom, raw(5, 'a'))), "gives the custom section 2 bytes, too few"},
	{"an import of an unknown kind", file(imports("env", "f", 9)), `has an import "env.f" of an unknown kind, 0x09 (at byte 0x11)`},
	{"an import of a type that is not there", file(imports("env", "f", 0, 0)), "has a function of type 0, but has no types"},
	{"a function of a type that is not there", file(oneType, section(SectionFunction, vec(raw(7)))),
		"has a function of type 7, but has only type 0 (at byte 0x11)"},
	{"a type that is no function", file(section(SectionType, vec(raw(0x40, 0, 0)))),
		"has a type that starts with 0x40; a function type starts with 0x60"},
	{"an unknown value type", file(section(SectionType, vec(raw(0x60, 1, 0x40, 0)))), "has an unknown value type, 0x40 (at byte 0xd)"},

	{"a memory with its minimum above its maximum", file(memory(1, 5, 4)),
		"has a memory whose minimum, 5, is above its maximum, 4 (at byte 0xd)"},
	{"a memory of more than 4 GiB", file(memory(0, 0x81, 0x80, 4)), "has a memory of 65537 pages; at most 65536 (4 GiB) are allowed"},
	{"a memory that may grow above 4 GiB", file(memory(1, 0, 0x81, 0x80, 4)), "has a memory of 65537 pages"},
	{"unknown limits", file(memory(0x10, 1)), "has a memory whose limits start with 0x10"},
	{"a huge table", file(table(0x70, 0, 0x80, 0x80, 0x80, 0x80, 1)), "has a table of 268435456 entries; at most 10000000"},
	{"a table of numbers", file(table(0x7f, 0, 1)), "has i32 where a reference type is needed"},

	{"a global of the wrong type", file(global(0x7e, 0, 0x41, 0, 0x0b)), "has a constant of type i32 where i64 is needed (at byte 0xd)"},
	{"a global that is half mutable", file(global(0x7f, 2, 0x41, 0, 0x0b)), "has a global whose mutability is 0x02"},
	{"a constant that is not constant", file(global(0x7f, 0, 0x20, 0, 0x0b)),
		"has a constant expression with local.get, which is not constant (at byte 0xd)"},
	{"a vector instruction that is not constant", file(global(0x7b, 0, 0xfd, 0, 0x0b)), "with v128.load, which is not"},
	{"an empty constant", file(global(0x7f, 0, 0x0b, 0)), "has a constant expression without an instruction"},
	{"a constant of 33 bits", file(global(0x7f, 0, 0x41, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x0b)), "does not fit into 32 bits"},
	{"a constant that is no global", file(global(0x7f, 0, 0x23, 0, 0x0b)),
		"has a constant that is global 0, but of imported ones it has no globals"},
	{"a constant that is a mutable global", file(imports("env", "g", 3, 0x7f, 1), global(0x7f, 0, 0x23, 0, 0x0b)),
		"has a constant that is global 0, which is mutable"},
	{"a reference to a function that is not there", file(global(0x70, 0, 0xd2, 0, 0x0b)),
		"has a reference of function 0, but has no functions"},

	{"two exports of a name", file(oneMemory, section(SectionExport, vec(export("m", ExternMemory, 0), export("m", ExternMemory, 0)))),
		`exports "m" twice (at byte 0x14)`},
	{"an export of nothing", file(section(SectionExport, vec(export("f", ExternFunc, 3)))),
		`exports function 3 as "f", but has no functions (at byte 0xe)`},
	{"an export of a memory that is not there", file(section(SectionExport, vec(export("m", ExternMemory, 0)))), "but has no memories"},
	{"an export of an unknown kind", file(section(SectionExport, vec(export("f", 7, 0)))), `has an export "f" of an unknown kind, 0x07`},
	{"an export whose name has control characters", file(section(SectionExport, vec(export("\x1b[31m", 7, 0)))), `"\x1b[31m"`},
	{"a start that is not there", file(section(SectionStart, leb(1))), "has a start of function 1, but has no functions"},
	{"a start with a result", file(section(SectionType, vec(funcType("", "i"))), oneFunc, section(SectionStart, leb(0))),
		"has a start function of type () -> i32; it must be () -> ()"},

	{"an unknown form of elements", file(section(SectionElement, vec(raw(8, 0, 0)))), "has an element segment of an unknown form, 8"},
	{"an unknown kind of elements", file(section(SectionElement, vec(raw(1, 1, 0)))), "has an element segment of an unknown kind, 0x01"},
	{"elements without a table", file(section(SectionElement, vec(cat(raw(0), zero, vec())))),
		"has an element segment of table 0, but has no tables"},
	{"elements for another table", file(oneTable, section(SectionElement, vec(cat(raw(6, 0), zero, raw(0x6f), vec())))),
		"has an element segment of externref for a table of funcref"},
	{"an element that is not there", file(oneTable, section(SectionElement, vec(cat(raw(0), zero, vec(raw(2)))))),
		"has an element of function 2, but has no functions"},
	{"an element of the wrong type", file(section(SectionElement, vec(cat(raw(5, 0x70), vec(raw(0xd0, 0x6f, 0x0b)))))),
		"has a constant of type externref where funcref is needed"},
	{"a million elements and one", file(oneType, oneFunc, oneTable,
		section(SectionElement, vec(cat(raw(1, 0), leb(maxElements+1), make([]byte, maxElements+1))))),
		"declares 1000001 elements; at most 1000000 are allowed"},

	{"a body cut off by its section", code(append(leb(9), empty...)), "gives a function body 9 bytes, more than the 3 left of the code section"},
	{"a body without an end", code(body(noLocals, 0x01)), "has a function body that does not finish with end (0x0b)"},
	{"a body without anything", code(cat(raw(1), noLocals, raw(0))), "has a function body that does not finish with end (0x0b)"},
	{"locals of an unknown type", code(body(raw(1, 1, 0x40), 0x0b)), "has an unknown value type, 0x40"},

	{"data without a memory", file(section(SectionData, vec(cat(raw(0), zero, text("x"))))),
		"has a data segment of memory 0, but has no memories"},
	{"data of an unknown form", file(oneMemory, section(SectionData, vec(raw(3, 0)))), "has a data segment of an unknown form, 3"},
	{"data that is cut off", file(oneMemory, section(SectionData, vec(raw(1, 9)))), "gives the data section 3 bytes, too few"},
}

var lacking = []struct {
	name string
	file []byte
	want string
}{
	{"a shared memory", file(memory(3, 1, 2)), "uses threads (a shared memory), which this host does not run (at byte 0xb)"},
	{"a shared memory that is imported", file(imports("env", "m", 2, 3, 1, 2)), "uses threads (a shared memory)"},
	{"a 64-bit memory", file(memory(4, 1)), "uses memory64 (a 64-bit memory)"},
	{"a memory with small pages", file(memory(8, 1, 0)), "uses custom page sizes"},
	{"two memories", file(section(SectionMemory, vec(raw(0, 1), raw(0, 1)))), "uses multiple memories (a second memory)"},
	{"an imported memory and one more", file(imports("env", "m", 2, 0, 1), oneMemory), "uses multiple memories"},
	{"a tag section", file(raw(13, 1, 0)), "uses exception handling (a tag section), which this host does not run (at byte 0x8)"},
	{"an imported tag", file(imports("env", "t", 4, 0, 0)), `uses exception handling (the tag "env.t")`},
	{"a struct", file(section(SectionType, vec(raw(0x5f, 0, 0)))), "uses garbage collection (type form 0x5f)"},
	{"a reference to a struct", file(section(SectionType, vec(raw(0x60, 1, 0x6b, 0)))), "uses garbage collection (value type 0x6b)"},
	{"a typed reference", file(section(SectionType, vec(raw(0x60, 1, 0x64, 0x70, 0)))), "uses typed references (value type 0x64)"},
	{"an exception reference", file(section(SectionType, vec(raw(0x60, 1, 0x69, 0)))), "uses exception handling"},
	{"a table with an initial entry", file(table(0x40, 0, 0x70, 0, 1, 0xd0, 0x70, 0x0b)), "uses typed references (a table with"},
	{"arithmetic in a constant", file(global(0x7f, 0, 0x41, 1, 0x41, 2, 0x6a, 0x0b)),
		"uses extended constant expressions (a second instruction in a constant), which this host does not run (at byte 0xf)"},
	{"arithmetic first", file(global(0x7f, 0, 0x6a, 0x0b)), "uses extended constant expressions (arithmetic in a constant)"},
	{"a struct in a constant", file(global(0x7f, 0, 0xfb, 0, 0x0b)), "uses garbage collection"},
}

func TestDecodeRefuses(t *testing.T) {
	for _, c := range refused {
		t.Run(c.name, func(t *testing.T) { wantRefusal(t, c.file, c.want) })
	}
}

func TestDecodeNamesTheFeatureThatIsLacking(t *testing.T) {
	for _, c := range lacking {
		t.Run(c.name, func(t *testing.T) { wantRefusal(t, c.file, c.want) })
	}
}

// wantRefusal accepts the beginning of a sentence, or where it is long a part.
func wantRefusal(t *testing.T, file []byte, want string) {
	t.Helper()
	m, err := Decode(file)
	if m != nil || err == nil || !strings.Contains(err.Error(), want) {
		t.Fatalf("got  %v\nwant %s", err, want)
	}
	var e *Error
	if !errors.As(err, &e) || e.Offset < 0 || e.Offset > len(file) {
		t.Errorf("got %#v, want an *Error with an offset in the file", err)
	}
}

func TestOneOfEachTooManyIsRefused(t *testing.T) {
	wantRefusal(t, file(section(SectionType, vec(funcType(strings.Repeat("i", maxParams+1), "")))), "declares 1001 parameters")
	customs := make([][]byte, maxCustoms+1)
	for i := range customs {
		customs[i] = section(SectionCustom, text(""))
	}
	wantRefusal(t, file(customs...), "has more than 10000 custom sections")
	wantRefusal(t, file(imports(strings.Repeat("x", maxNameLength+1), "", 0, 0)), "has a name of 100001 bytes")
	wantRefusal(t, file(imports(strings.Repeat("x", 500), "", 9)), `xxx"... of an unknown kind`)
}
