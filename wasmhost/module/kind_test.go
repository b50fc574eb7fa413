package module

import "testing"

// exporting is a module with a memory, the functions 0: (i32) -> i32,
// 1: () -> (), 2: (i64) -> i32, a global 0, and the exports given.
func exporting(exports ...[]byte) []byte {
	return file(
		section(SectionType, vec(funcType("i", "i"), funcType("", ""), funcType("I", "i"))),
		section(SectionFunction, vec(raw(0), raw(1), raw(2))), oneMemory,
		global(0x7f, 0, 0x41, 0, 0x0b),
		section(SectionExport, vec(exports...)),
		section(SectionCode, vec(empty, empty, empty)),
	)
}

var (
	mem        = export("memory", ExternMemory, 0)
	handle     = export("handle", ExternFunc, 0)
	start      = export("_start", ExternFunc, 1)
	initialize = export("_initialize", ExternFunc, 1)
)

func TestWhatAModuleIs(t *testing.T) {
	for _, c := range []struct {
		file []byte
		kind Kind
		want string
	}{
		{handler(), Handler, ""},
		{exporting(mem, handle, initialize), Handler, ""},
		{exporting(mem, start), Program, ""},
		{exporting(mem, handle, start), Handler, ""},
		{exporting(mem, export("handle", ExternFunc, 2), start), Program, ""},
		{exporting(mem), Neither, "does not export handle(i32) -> i32"},
		{exporting(handle), Neither, "does not export its memory"},
		{exporting(start), Neither, "does not export its memory"},
		{exporting(mem, export("handle", ExternFunc, 2)), Neither, "exports handle(i64) -> i32; a handler is handle(i32) -> i32"},
		{exporting(mem, export("handle", ExternGlobal, 0)), Neither, "exports handle as a global; it is a function, handle(i32) -> i32"},
		{exporting(mem, export("_start", ExternFunc, 0)), Neither, "exports _start(i32) -> i32; a program is _start() -> ()"},
		{exporting(export("memory", ExternGlobal, 0), handle), Neither, "exports memory as a global; it must be its memory"},
		{exporting(mem, handle, export("_initialize", ExternFunc, 0)), Neither,
			"exports _initialize(i32) -> i32; it must be _initialize() -> ()"},
		{exporting(mem, handle, export("_initialize", ExternMemory, 0)), Neither,
			"exports _initialize as a memory; it is a function, _initialize() -> ()"},
		{file(section(SectionType, vec(funcType("i", "i"))), oneFunc, section(SectionExport, vec(handle)), oneCode), Neither,
			"has no memory"},
		{file(section(SectionCustom, text("linking"))), Neither,
			"is an object file that was not linked: build it without -c, or link it with wasm-ld"},
		{file(oneType, imports("gojs", "f", 0, 0)), Neither, "is built for a web browser (GOOS=js): build it with GOOS=wasip1"},
		{file(oneType, imports("wbg", "f", 0, 0)), Neither,
			"is built for JavaScript (wasm-bindgen): build it for the target wasm32-wasip1"},
	} {
		kind, err := decode(t, c.file).Kind()
		if kind != c.kind || (err == nil) != (c.want == "") || err != nil && err.Error() != c.want {
			t.Errorf("got  %v, %v\nwant %v, %s", kind, err, c.kind, c.want)
		}
	}
}

func TestKindsHaveNames(t *testing.T) {
	for want, k := range map[string]interface{ String() string }{
		"handler": Handler, "program": Program, "neither a handler nor a program": Neither,
		"data count section": SectionDataCount, "section 13": sectionTag, "memory": ExternMemory, "kind 0x04": externTag,
	} {
		if got := k.String(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestAProgramIsNoHandler(t *testing.T) {
	m := decode(t, exporting(mem, start))
	if err := m.CheckHandler(); err == nil || err.Error() != "does not export handle(i32) -> i32" {
		t.Errorf("got %v", err)
	}
	if err := m.CheckProgram(); err != nil {
		t.Error(err)
	}
}

func TestFuncTypesReadAsInTheSpecification(t *testing.T) {
	for want, ft := range map[string]FuncType{
		"() -> ()":                             {},
		"(i32) -> i32":                         handleType,
		"(i64, f32, f64) -> (v128, externref)": {Params: []ValueType{I64, F32, F64}, Results: []ValueType{V128, ExternRef}},
		"(funcref) -> type 0x01":               {Params: []ValueType{FuncRef}, Results: []ValueType{1}},
	} {
		if got := ft.String(); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}
