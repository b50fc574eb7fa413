package module

import (
	"bytes"
	"strings"
	"testing"
)

// repeat is a module with one function, whose body is n times the parts.
func repeat(n int, open, close []byte) []byte {
	return code(body(noLocals, cat(bytes.Repeat(open, n), bytes.Repeat(close, n), raw(0x0b))...))
}

// times is a section of n equal entries.
func times(id SectionID, n int, entry []byte) []byte {
	return section(id, cat(leb(n), bytes.Repeat(entry, n)))
}

// bounded has for each bound a module that has n of what is bounded.
var bounded = []struct {
	name  string
	limit func(*Bounds) *int
	make  func(n int) []byte
	want  string
}{
	{"bytes of the file", func(b *Bounds) *int { return &b.FileBytes },
		func(n int) []byte { return file(section(SectionCustom, text("x"), make([]byte, n-12))) }, "has 41 bytes"},
	{"types", func(b *Bounds) *int { return &b.Types },
		func(n int) []byte { return file(times(SectionType, n, funcType("", ""))) }, "has 41 types"},
	{"parameters", func(b *Bounds) *int { return &b.Params },
		func(n int) []byte { return file(section(SectionType, vec(funcType(strings.Repeat("i", n), "")))) }, "has type 0 of 41 parameters"},
	{"results", func(b *Bounds) *int { return &b.Results },
		func(n int) []byte { return file(section(SectionType, vec(funcType("", strings.Repeat("i", n))))) }, "has type 0 of 41 results"},
	{"imports", func(b *Bounds) *int { return &b.Imports },
		func(n int) []byte {
			return file(oneType, times(SectionImport, n, cat(text("e"), text("f"), raw(0, 0))))
		}, "has 41 imports"},
	{"functions", func(b *Bounds) *int { return &b.Functions },
		func(n int) []byte {
			return file(oneType, times(SectionFunction, n, raw(0)), times(SectionCode, n, empty))
		}, "has 41 functions"},
	{"globals", func(b *Bounds) *int { return &b.Globals },
		func(n int) []byte { return file(times(SectionGlobal, n, raw(0x7f, 0, 0x41, 0, 0x0b))) }, "has 41 globals"},
	{"exports", func(b *Bounds) *int { return &b.Exports },
		func(n int) []byte {
			var all [][]byte
			for i := range n {
				all = append(all, export(strings.Repeat("m", i), ExternMemory, 0))
			}
			return file(oneMemory, section(SectionExport, vec(all...)))
		}, "has 41 exports"},
	{"tables", func(b *Bounds) *int { return &b.Tables },
		func(n int) []byte { return file(times(SectionTable, n, raw(0x70, 0, 1))) }, "has 41 tables"},
	{"table entries", func(b *Bounds) *int { return &b.TableEntries },
		func(n int) []byte { return file(table(0x70, 0, byte(n))) }, "has 41 table entries"},
	{"segments", func(b *Bounds) *int { return &b.Segments },
		func(n int) []byte { return file(oneMemory, times(SectionData, n, raw(1, 0))) }, "has 41 segments"},
	{"bytes of names", func(b *Bounds) *int { return &b.NameBytes },
		func(n int) []byte {
			names := section(1, vec(cat(leb(0), text(strings.Repeat("f", n)))))
			return file(oneType, oneFunc, oneCode, section(SectionCustom, text("name"), names))
		}, "has 41 bytes of function names"},

	{"bytes of all bodies", func(b *Bounds) *int { return &b.CodeBytes },
		func(n int) []byte { return repeat(n-1, raw(0x01), nil) }, "has 41 bytes of instructions"},
	{"bytes of a body", func(b *Bounds) *int { return &b.BodyBytes },
		func(n int) []byte { return repeat(n-1, raw(0x01), nil) }, "function 0 has 41 bytes of instructions"},
	{"locals", func(b *Bounds) *int { return &b.Locals },
		func(n int) []byte { return code(body(raw(1, byte(n), 0x7f), 0x0b)) }, "function 0 has 41 locals and parameters"},
	{"depth", func(b *Bounds) *int { return &b.Depth },
		func(n int) []byte { return repeat(n, raw(0x02, 0x40), raw(0x0b)) }, "function 0 has 41 blocks in one another"},
	{"height", func(b *Bounds) *int { return &b.Height },
		func(n int) []byte { return repeat(n, raw(0x41, 0), raw(0x1a)) }, "function 0 has 41 operands on its stack"},
	{"blocks", func(b *Bounds) *int { return &b.Blocks },
		func(n int) []byte { return repeat(n, raw(0x02, 0x40, 0x0b), nil) }, "function 0 has 41 blocks; at most 40"},
	{"calls", func(b *Bounds) *int { return &b.Calls },
		func(n int) []byte { return repeat(n, raw(0x10, 0), nil) }, "function 0 has 41 calls"},
	{"labels", func(b *Bounds) *int { return &b.Labels },
		func(n int) []byte { return code(body(noLocals, cat(brTable(n), raw(0x0b))...)) }, "function 0 has 41 labels in a br_table"},
	{"labels of a body", func(b *Bounds) *int { return &b.BodyLabels },
		func(n int) []byte { return code(body(noLocals, cat(brTable(20), brTable(n-20), raw(0x0b))...)) }, "function 0 has 41 labels in its br_tables"},
}

// brTable is a block that chooses among n labels.
func brTable(n int) []byte {
	return cat(raw(0x02, 0x40, 0x41, 0, 0x0e), leb(n), make([]byte, n+1), raw(0x0b))
}

func TestEachBoundIsKept(t *testing.T) {
	const most = 40
	for _, c := range bounded {
		t.Run(c.name, func(t *testing.T) {
			var b Bounds
			*c.limit(&b) = most
			if _, err := Admit(c.make(most), b); err != nil {
				t.Errorf("at the bound: %v", err)
			}
			_, err := Admit(c.make(most+1), b)
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), "at most 40 are allowed") {
				t.Errorf("above the bound:\ngot  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestEveryBoundHasADefault(t *testing.T) {
	b := Bounds{}.withDefaults()
	for _, c := range bounded {
		if *c.limit(&b) <= 0 {
			t.Errorf("%s: %d", c.name, *c.limit(&b))
		}
	}
	if b.BodyWork <= 0 || b.Work < b.BodyWork {
		t.Errorf("work: %d of a body, %d of all", b.BodyWork, b.Work)
	}
}

// Files that take the engine's compiler seconds, minutes or gigabytes.
func TestCompileBombsAreRefused(t *testing.T) {
	locals := raw(1, 0xe8, 7, 0x7f) // a thousand
	// Each if sets another local, so that every one has two values behind it.
	var chain []byte
	for i := range 10_000 {
		chain = append(chain, cat(raw(0x20, 0, 0x04, 0x40, 0x41, 1, 0x21), leb(i%1000), raw(0x0b))...)
	}
	bomb := func(part []byte, n int, end ...byte) []byte {
		return code(body(locals, cat(bytes.Repeat(part, n), end, raw(0x0b))...))
	}
	wide := funcType(strings.Repeat("i", 1000), strings.Repeat("i", 1000))
	for _, c := range []struct {
		name string
		file []byte
		want string
	}{
		{"4 G locals", code(body(raw(1, 0xff, 0xff, 0xff, 0xff, 0x0f, 0x7f), 0x0b)), "locals"},
		{"30,000 nested blocks", repeat(30_000, raw(0x02, 0x40), raw(0x0b)), "5001 blocks in one another"},
		{"a chain of 10,000 ifs among 1,000 locals", code(body(locals, cat(chain, raw(0x0b))...)), "too costly"},
		{"100,000 labels", code(body(noLocals, cat(brTable(100_000), raw(0x0b))...)), "labels"},
		{"5,001 calls", repeat(5_001, raw(0x10, 0), nil), "5001 calls"},
		{"1,000 loops among 1,000 locals", bomb(raw(0x03, 0x40, 0x20, 0, 0x0d, 0, 0x0b), 1000), "too costly"},
		{"2,000 branches among 1,000 locals", bomb(raw(0x20, 0, 0x0d, 0), 2000), "too costly"},
		{"10,000 memory.fill", fills(10_000), "too costly"},
		{"50,000 divisions", bomb(raw(0x20, 0, 0x20, 0, 0x6d, 0x1a), 50_000), "too costly"},
		{"calls of 1,000 operands", file(section(SectionType, vec(wide))), "has type 0 of 1000 parameters"},
		{"4,000 functions of 1,000 nested blocks", nests(4_000), "makes the module too costly"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if _, err := Admit(c.file, Bounds{}); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func nests(functions int) []byte {
	nest := body(noLocals, cat(bytes.Repeat(raw(0x02, 0x40), 1000), bytes.Repeat(raw(0x0b), 1001))...)
	return file(oneType, times(SectionFunction, functions, raw(0)), times(SectionCode, functions, nest))
}

func fills(n int) []byte {
	fill := raw(0x41, 0, 0x41, 0, 0x41, 0, 0xfc, 11, 0)
	return file(oneType, oneFunc, oneMemory,
		section(SectionCode, vec(body(noLocals, cat(bytes.Repeat(fill, n), raw(0x0b))...))))
}

func TestWorkIsBounded(t *testing.T) {
	file := nests(1) // 1,001 edges, 1 place each at least
	if _, err := Admit(file, Bounds{BodyWork: 1000}); err == nil || !strings.Contains(err.Error(), "function 0 is too costly to compile") {
		t.Errorf("the work of a body: %v", err)
	}
	if _, err := Admit(file, Bounds{Work: 1000}); err == nil || !strings.Contains(err.Error(), "makes the module too costly") {
		t.Errorf("the work of all: %v", err)
	}
	if _, err := Admit(file, Bounds{BodyWork: 20_000, Work: 20_000}); err != nil {
		t.Error(err)
	}
}
