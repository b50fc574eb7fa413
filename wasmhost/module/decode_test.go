package module

import (
	"bytes"
	_ "embed"
	"fmt"
	"reflect"
	"slices"
	"testing"
)

//go:embed testdata/every.wasm
var every []byte

func decode(t *testing.T, file []byte) *Module {
	t.Helper()
	m, err := Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestDecodeReadsEverySection(t *testing.T) {
	m := decode(t, every)
	for _, c := range []struct {
		what      string
		got, want any
	}{
		{"types", fmt.Sprint(m.Types), "[(i32) -> i32 (i32, i32, i32, i32) -> i32 () -> ()]"},
		{"funcs", m.Funcs, []uint32{0, 2, 2}},
		{"tables", fmt.Sprint(m.Tables), "[funcref 4..8 externref 2..]"},
		{"mems", fmt.Sprint(m.Mems), "[1..16 pages]"},
		{"start", []any{m.HasStart, m.Start}, []any{true, uint32(3)}},
		{"data count", []any{m.HasDataCount, m.DataCount}, []any{true, uint32(3)}},
		{"functions", []int{m.NumFuncs(), m.NumImportedFuncs()}, []int{4, 1}},
		{"other spaces", []int{m.NumTables(), m.NumMems(), m.NumGlobals(), m.NumImportedGlobals()}, []int{3, 1, 8, 1}},
		{"module name", m.Names.Module, "every"},
		{"function names", m.Names.Functions, []FuncName{{0, "recv"}, {1, "handle"}, {2, "init"}, {3, "start"}}},
	} {
		if !reflect.DeepEqual(c.got, c.want) {
			t.Errorf("%s: got %v, want %v", c.what, c.got, c.want)
		}
	}
}

func TestDecodeReadsImportsAndExports(t *testing.T) {
	m := decode(t, every)
	var got []string
	for _, i := range m.Imports {
		got = append(got, i.Module+"."+i.Name+" "+i.Kind.String()+": "+m.DescribeImport(i))
	}
	for _, e := range m.Exports {
		got = append(got, e.Name+" "+e.Kind.String()+": "+m.DescribeExport(e))
	}
	want := []string{
		"socket.recv function: (i32, i32, i32, i32) -> i32",
		"env.base global: global i32",
		"env.tab table: table funcref 1..",
		"memory memory: memory 1..16 pages",
		"handle function: (i32) -> i32",
		"_initialize function: () -> ()",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
	if d := m.DescribeImport(Import{Kind: ExternMemory}); d != "memory 0.. pages" {
		t.Errorf("an imported memory is described as %q", d)
	}
	if d := m.DescribeExport(Export{Kind: ExternTable, Index: 9}); d != "" {
		t.Errorf("a table that is not there is described as %q", d)
	}
}

func TestDecodeKeepsConstants(t *testing.T) {
	m := decode(t, every)
	for i, want := range []struct {
		t     string
		op    Opcode
		value uint64
		size  int
	}{
		{"mut i64", OpcodeI64Const, 1<<64 - 5, 3},
		{"f32", OpcodeF32Const, 0x3fc00000, 6},
		{"f64", OpcodeF64Const, 0xc004000000000000, 10},
		{"v128", OpcodeV128Const, 0, 19},
		{"funcref", OpcodeRefFunc, 1, 3},
		{"externref", OpcodeRefNull, uint64(ExternRef), 3},
		{"i32", OpcodeGlobalGet, 0, 3},
	} {
		g := m.Globals[i]
		if g.Type.String() != want.t || g.Init.Op != want.op || g.Init.Value != want.value || len(g.Init.Raw) != want.size {
			t.Errorf("global %d: got %v %#x %#x % x", i, g.Type, g.Init.Op, g.Init.Value, g.Init.Raw)
		}
	}
	if v := m.Globals[3].Init.V128(); !bytes.Equal(v, []byte{1, 0, 0, 0, 0, 0, 0, 0, 2, 0, 0, 0, 0, 0, 0, 0}) {
		t.Errorf("v128: got % x", v)
	}
	if m.Globals[0].Init.V128() != nil {
		t.Error("an i64 has v128 bytes")
	}
}

func TestDecodeReadsEveryFormOfElements(t *testing.T) {
	ref, null := raw(0xd2, 0, 0x0b), raw(0xd0, 0x70, 0x0b)
	m := decode(t, file(oneType, oneFunc, oneTable, section(SectionElement, vec(
		cat(raw(0), zero, vec(raw(0))),
		cat(raw(1, 0), vec(raw(0), raw(0))),
		cat(raw(2, 0), zero, raw(0), vec(raw(0))),
		cat(raw(3, 0), vec()),
		cat(raw(4), zero, vec(ref, null)),
		cat(raw(5, 0x6f), vec(raw(0xd0, 0x6f, 0x0b))),
		cat(raw(6, 0), zero, raw(0x70), vec(ref)),
		cat(raw(7, 0x70), vec(null)),
	)), oneCode))
	want := []string{
		"0 active funcref 1 0", "1 passive funcref 2 0", "2 active funcref 1 0", "3 declarative funcref 0 0",
		"4 active funcref 0 2", "5 passive externref 0 1", "6 active funcref 0 1", "7 declarative funcref 0 1",
	}
	for i, e := range m.Elems {
		got := fmt.Sprint(e.Flags, " ", e.Mode, " ", e.Type, " ", len(e.Funcs), " ", len(e.Exprs))
		if got != want[i] || (e.Mode == Active) != (e.Offset.Op == OpcodeI32Const) {
			t.Errorf("got %q, want %q", got, want[i])
		}
	}
	if len(m.Elems) != len(want) {
		t.Errorf("got %d segments", len(m.Elems))
	}
}

func TestDecodeKeepsBodiesAndData(t *testing.T) {
	m := decode(t, every)
	c := m.Codes[0]
	if want := []LocalGroup{{2, I32}, {1, I64}}; !slices.Equal(c.Locals, want) {
		t.Errorf("locals: got %v", c.Locals)
	}
	if len(c.Body) != 14 || !bytes.Equal(every[c.Offset:c.Offset+14], c.Body) {
		t.Errorf("body at %d: % x", c.Offset, c.Body)
	}
	var got []string
	for _, d := range m.Datas {
		got = append(got, fmt.Sprintf("%v %#x %d %s", d.Mode, byte(d.Offset.Op), d.Offset.Value, d.Init))
	}
	if want := []string{"active 0x41 8 active", "passive 0x0 0 passive", "active 0x23 0 based"}; !slices.Equal(got, want) {
		t.Errorf("data: got %q", got)
	}
}

func TestDecodeReadsDataWithAMemoryIndex(t *testing.T) {
	m := decode(t, file(oneMemory, section(SectionData, vec(cat(raw(2, 0), zero, text("x"))))))
	if d := m.Datas[0]; d.Flags != 2 || d.Mode != Active || string(d.Init) != "x" {
		t.Errorf("got %+v", d)
	}
}

func TestCustomSectionsKeepTheirPlace(t *testing.T) {
	m := decode(t, file(section(SectionCustom, text("first"), raw(1, 2)), oneType,
		section(SectionCustom, text("sandsock.fresh")), section(SectionCustom, text("first"))))
	want := []Custom{
		{Name: "first", Data: raw(1, 2), Offset: 16},
		{Name: "sandsock.fresh", Data: []byte{}, Offset: 41, After: SectionType},
		{Name: "first", Data: []byte{}, Offset: 49, After: SectionType},
	}
	if !reflect.DeepEqual(m.Customs, want) {
		t.Errorf("got  %+v\nwant %+v", m.Customs, want)
	}
	if !m.HasCustom("sandsock.fresh") || m.HasCustom("absent") {
		t.Error("HasCustom is wrong")
	}
}

func TestIndexSpacesEndWhereTheyEnd(t *testing.T) {
	m := decode(t, every)
	if ft, ok := m.FuncType(0); !ok || len(ft.Params) != 4 {
		t.Errorf("the imported function: got %v, %v", ft, ok)
	}
	if ft, ok := m.FuncType(3); !ok || !ft.Equal(FuncType{}) {
		t.Errorf("the last function: got %v, %v", ft, ok)
	}
	if _, ok := m.FuncType(4); ok {
		t.Error("there is a function 4")
	}
	if _, ok := m.GlobalType(1<<32 - 1); ok {
		t.Error("there is a last global")
	}
}

func TestSummaryCountsWhatIsThere(t *testing.T) {
	s := decode(t, every).Summary()
	got := []int{s.Types, s.Functions, s.Tables, s.Globals, s.CodeBytes, s.Segments, s.DataBytes, s.NamedFunctions}
	if want := []int{3, 3, 2, 7, 26, 3, 18, 4}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if len(s.Imports) != 2 || s.Imports[0].Module != "socket" || len(s.Imports[1].Imports) != 2 {
		t.Errorf("imports: got %+v", s.Imports)
	}
	if !s.HasMemory || s.Memory.Max != 16 {
		t.Errorf("memory: got %+v", s.Memory)
	}
}
