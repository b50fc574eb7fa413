package wasmhost

import (
	"sort"

	"github.com/sandsock/sandsock/core"
)

// This file makes the modules of the tests, in the binary format. See the
// WebAssembly specification, chapter "Binary Format".

type function struct {
	module, name string
	params       []byte
	results      []byte
}

const (
	i32 = 0x7f
	i64 = 0x7e
	f64 = 0x7c
)

// hostFunctions are all functions a guest can import.
func hostFunctions() (all []function) {
	for _, c := range core.Calls {
		f := function{module: core.Module, name: c.Name, results: []byte{i32}}
		for _, p := range c.Params {
			f.params = append(f.params, map[bool]byte{true: f64, false: i32}[p.Kind == core.Seconds])
		}
		if c.Float {
			f.results = []byte{f64}
		}
		all = append(all, f)
	}
	for _, c := range wasiCalls {
		f := function{module: wasiModule, name: c.name, results: []byte{i32}}
		for i := range c.params {
			f.params = append(f.params, map[bool]byte{true: i64, false: i32}[c.params[i] == 'I'])
		}
		all = append(all, f)
	}
	all = append(all, function{module: wasiModule, name: "proc_exit", params: []byte{i32}})
	sort.Slice(all, func(i, j int) bool { return all[i].name < all[j].name })
	return all
}

// trampolines is a handler that exports every host function under its own
// name: a function that passes its parameters on.
func trampolines() []byte {
	var w wasm
	for _, f := range hostFunctions() {
		index := w.importFunc(f.module, f.name, w.typ(f.params, f.results))
		var body []byte
		for i := range f.params {
			body = append(body, 0x20, byte(i)) // local.get
		}
		body = append(body, 0x10) // call
		body = append(body, leb(index)...)
		w.later(f.name, w.typ(f.params, f.results), body)
	}
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), []byte{0x41, 0})
	return w.bytes()
}

// handlerOf is a handler whose code is body, with imports as the calls 0, 1...
func handlerOf(body []byte, imports ...function) []byte {
	return guestOf("handle", []byte{i32}, []byte{i32}, body, imports...)
}

func guestOf(name string, params, results, body []byte, imports ...function) []byte {
	var w wasm
	for _, f := range imports {
		w.importFunc(f.module, f.name, w.typ(f.params, f.results))
	}
	w.later(name, w.typ(params, results), body)
	return w.bytes()
}

// hostFunction returns one function of [hostFunctions].
func hostFunction(name string) function {
	for _, f := range hostFunctions() {
		if f.name == name {
			return f
		}
	}
	panic("no host function " + name)
}

// wasm is a module in the making. Function imports come first.
type wasm struct {
	types, imports, funcs, exports, codes []([]byte)
	imported                              int
	data                                  []byte
	start                                 bool // the first function runs at the start
	pages                                 byte
	grows                                 bool // the memory has no maximum
	tables, globals                       []([]byte)
	passive                               []byte // a segment
}

func (w *wasm) typ(params, results []byte) int {
	t := append([]byte{0x60}, vec(params)...)
	t = append(t, vec(results)...)
	for i, have := range w.types {
		if string(have) == string(t) {
			return i
		}
	}
	w.types = append(w.types, t)
	return len(w.types) - 1
}

func (w *wasm) importFunc(module, name string, typ int) int {
	entry := append(vec([]byte(module)), vec([]byte(name))...)
	entry = append(entry, 0)
	w.imports = append(w.imports, append(entry, leb(typ)...))
	w.imported++
	return w.imported - 1
}

// later adds a function that is exported by its name. Its index is fixed when
// all imports are known.
func (w *wasm) later(name string, typ int, body []byte) {
	w.funcs = append(w.funcs, leb(typ))
	w.exports = append(w.exports, []byte(name))
	code := append([]byte{0}, body...) // no locals
	code = append(code, 0x0b)
	w.codes = append(w.codes, vec(code))
}

func (w *wasm) bytes() []byte {
	out := []byte("\x00asm\x01\x00\x00\x00")
	section := func(id byte, entries [][]byte) {
		body := leb(len(entries))
		for _, e := range entries {
			body = append(body, e...)
		}
		out = append(append(out, id), vec(body)...)
	}
	var exports [][]byte
	for i, name := range w.exports {
		exports = append(exports, append(append(vec(name), 0), leb(w.imported+i)...))
	}
	exports = append(exports, append(vec([]byte("memory")), 2, 0))
	section(1, w.types)
	section(2, w.imports)
	section(3, w.funcs)
	if w.tables != nil {
		section(4, w.tables)
	}
	memory := []byte{1, max(w.pages, 1), max(w.pages, 1)}
	if w.grows {
		memory = []byte{0, max(w.pages, 1)}
	}
	section(5, [][]byte{memory})
	if w.globals != nil {
		section(6, w.globals)
	}
	section(7, exports)
	if w.start {
		out = append(append(out, 8), vec(leb(w.imported))...)
	}
	var segments [][]byte
	if w.passive != nil {
		segments = append(segments, append([]byte{1}, vec(w.passive)...))
	}
	if w.data != nil {
		segments = append(segments, append([]byte{0, 0x41, 0, 0x0b}, vec(w.data)...))
	}
	if w.passive != nil {
		out = append(out, 12, 1, byte(len(segments)))
	}
	section(10, w.codes)
	if segments != nil {
		section(11, segments)
	}
	return out
}

func vec(p []byte) []byte { return append(leb(len(p)), p...) }

func leb(n int) []byte {
	var out []byte
	for {
		b := byte(n & 0x7f)
		n >>= 7
		if n == 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

// Instructions, as the tests write them.

func i32Const(n int32) []byte {
	out := []byte{0x41}
	for {
		b := byte(n & 0x7f)
		n >>= 7
		if n == 0 && b&0x40 == 0 || n == -1 && b&0x40 != 0 {
			return append(out, b)
		}
		out = append(out, b|0x80)
	}
}

func code(parts ...[]byte) (out []byte) {
	for _, p := range parts {
		out = append(out, p...)
	}
	return out
}

func callFunc(index byte) []byte { return []byte{0x10, index} }

var (
	param0      = []byte{0x20, 0} // local.get 0
	drop        = []byte{0x1a}
	unreachable = []byte{0x00}
)
