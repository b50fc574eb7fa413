package main

import (
	"bytes"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// The plugin files of the scripts, put together by hand so that the tests
// need no tools: each is as small as what it shows.
//
// A function is a name, a type as an index into types, and its instructions
// without the last end; function 0 is the first import.

// types are the function types a fixture may have.
var types = [][]byte{
	0: {0x60, 0, 0},                                         // () -> ()
	1: {0x60, 1, i32, 1, i32},                               // (i32) -> i32
	2: {0x60, 1, i64, 1, i32},                               // (i64) -> i32
	3: {0x60, 1, i32, 0},                                    // (i32) -> ()
	4: {0x60, 3, i32, i32, i32, 1, i32},                     // socket, connect
	5: {0x60, 4, i32, i32, i32, i32, 1, i32},                // fd_write
	6: {0x60, 6, i32, i32, i32, i32, i32, i32, 1, i32},      // sendto
	7: {0x60, 7, i32, i32, i32, i32, i32, i32, i32, 1, i32}, // recvfrom
	8: {0x60, 3, i32, i32, f64, 1, i32},                     // poll
	9: {0x60, 2, i32, i32, 1, i32},                          // random_get
}

const (
	i32 = 0x7f
	i64 = 0x7e
	f64 = 0x7c
)

// The instructions the fixtures need.
const (
	unreachable = 0x00
	end         = 0x0b
	call        = 0x10
	drop        = 0x1a
	get         = 0x20 // local.get
	load        = 0x28 // i32.load, then alignment and offset
)

// fixture is a plugin file.
type fixture struct {
	imports   []imported
	functions []function
	pages     uint64 // of memory, which is not there where it is 0
	data      string // from address 0
	hidden    bool   // the functions are not exported
	exports   int    // how many functions are; 1 where it is 0
	start     int    // function that runs first, from 1; 0 for none
	globals   int    // mutable i32, 0 at first
	table     uint64 // entries it begins with
	elements  []int  // functions from entry 1 on
}

type imported struct {
	module, name string
	typ          byte
}

type function struct {
	name string
	typ  byte
	body []byte
}

var fixtures = map[string]fixture{
	"good.wasm": {pages: 1, functions: []function{{"handle", 1, constant(0)}}},
	// loop br 0 end: no host call ever comes
	"spinning.wasm": {pages: 1, functions: []function{{"handle", 1, join([]byte{0x03, 0x40, 0x0c, 0, 0x0b}, constant(0))}}},
	// early draws 8 random bytes before its first connection.
	"early.wasm": {
		pages: 1, imports: []imported{{wasi, "random_get", 9}}, exports: 2,
		functions: []function{
			{"handle", 1, constant(0)},
			{"_initialize", 0, join(constant(0), constant(8), []byte{call, 0, drop})},
		},
	},
	"failing.wasm": {pages: 1, functions: []function{{"handle", 1, constant(7)}}},
	"trap.wasm": {pages: 1, functions: []function{
		{"handle", 1, join([]byte{call, 1}, constant(0))}, {"crash", 0, []byte{unreachable}},
	}},
	"crash.wasm": {pages: 1, functions: []function{
		{"_start", 0, []byte{call, 1}}, {"crash", 0, []byte{unreachable}},
	}},
	"exit7.wasm": {
		pages: 1, imports: []imported{{wasi, "proc_exit", 3}},
		functions: []function{{"_start", 0, join(constant(7), []byte{call, 0})}},
	},
	// hello writes a line, with an escape sequence in it.
	"hello.wasm": {
		pages: 1, imports: []imported{{wasi, "fd_write", 5}}, data: iovec(8, "hello \x1b[31m\n"),
		functions: []function{{"handle", 1, join(
			constant(1), constant(0), constant(1), constant(64), []byte{call, 0})}},
	},
	// waiting writes a line and then waits for ever.
	"waiting.wasm": {
		pages: 1, imports: []imported{{wasi, "fd_write", 5}, {"socket", "poll", 8}}, data: iovec(8, "ready\n"),
		functions: []function{{"_start", 0, join(
			constant(1), constant(0), constant(1), constant(64), []byte{call, 0, drop},
			constant(0), constant(0), []byte{0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf}, []byte{call, 1, drop})}}, // f64.const -1
	},
	// caller connects to 192.0.2.7:80, which nobody allowed.
	"caller.wasm": {
		pages: 1, imports: []imported{{"socket", "socket", 4}, {"socket", "connect", 4}}, data: "192.0.2.7:80",
		functions: []function{{"handle", 1, join(
			constant(2), constant(1), constant(0), []byte{call, 0},
			constant(0), constant(12), []byte{call, 1, drop}, constant(0))}},
	},
	// silent takes a message, says so to the log only, and waits for another.
	"silent.wasm": {
		pages: 1, imports: []imported{{"socket", "recv", 5}, {wasi, "fd_write", 5}}, data: iovec(8, "got it\n"),
		functions: []function{{"handle", 1, join(
			[]byte{get, 0}, constant(128), constant(64), constant(0), []byte{call, 0, drop},
			constant(1), constant(0), constant(1), constant(64), []byte{call, 1, drop},
			[]byte{get, 0}, constant(128), constant(64), constant(0), []byte{call, 0, drop}, constant(0))}},
	},
	// datagrams sends a datagram back to where it came from.
	"datagrams.wasm": {
		pages: 1, imports: []imported{{"socket", "sendto", 6}, {"socket", "recvfrom", 7}},
		functions: []function{{"handle", 1, join(
			[]byte{get, 0}, constant(0), // sendto(conn, 0, recvfrom(...), 0, 1024, [2048])
			[]byte{get, 0}, constant(0), constant(1024), constant(0), constant(1024), constant(64), constant(2048), []byte{call, 1},
			constant(0), constant(1024), constant(2048), []byte{load, 2, 0}, []byte{call, 0, drop}, constant(0))}},
	},
	"lacking.wasm": {
		pages: 1, imports: []imported{{"socket", "sendfile", 4}},
		functions: []function{{"handle", 1, constant(0)}},
	},
	"stranger.wasm": {
		pages: 1, imports: []imported{{"env", "\x1b[31mlog", 0}},
		functions: []function{{"handle", 1, constant(0)}},
	},
	"mistyped.wasm": {
		pages: 1, imports: []imported{{"socket", "recv", 1}},
		functions: []function{{"handle", 1, constant(0)}},
	},
	"signature.wasm":  {pages: 1, functions: []function{{"handle", 2, constant(0)}}},
	"memoryless.wasm": {functions: []function{{"handle", 1, constant(0)}}},
	"handleless.wasm": {pages: 1, functions: []function{{"handle", 1, constant(0)}}, hidden: true},
	"large.wasm":      {pages: 2000, functions: []function{{"handle", 1, constant(0)}}},
}

const wasi = "wasi_snapshot_preview1"

// writeFixtures puts the files into a folder, and some that are no modules.
func writeFixtures(folder string) error {
	files := map[string][]byte{
		"empty.wasm":     nil,
		"text.wasm":      []byte("(module)\n"),
		"elf.wasm":       []byte("\x7fELF\x02\x01\x01"),
		"truncated.wasm": fixtures["good.wasm"].module()[:30],
	}
	for name, f := range fixtures {
		files[name] = f.module()
	}
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// module returns the file's bytes.
func (f fixture) module() []byte {
	var imports, kinds, exports, codes, names [][]byte
	for i, m := range f.imports {
		imports = append(imports, join(text(m.module), text(m.name), []byte{0, m.typ}))
		names = append(names, join(number(i), text(m.name)))
	}
	for i, fn := range f.functions {
		kinds = append(kinds, []byte{fn.typ})
		codes = append(codes, sized(join([]byte{0}, fn.body, []byte{end})))
		names = append(names, join(number(len(f.imports)+i), text(fn.name)))
		if i < max(f.exports, 1) && !f.hidden {
			exports = append(exports, join(text(fn.name), []byte{0}, number(len(f.imports)+i)))
		}
	}
	module := join([]byte("\x00asm\x01\x00\x00\x00"), section(1, vector(types)), section(2, vector(imports)), section(3, vector(kinds)))
	if f.table > 0 {
		module = append(module, section(4, join([]byte{1, 0x70, 0}, binary.AppendUvarint(nil, f.table)))...)
	}
	if f.pages > 0 {
		module = append(module, section(5, join([]byte{1, 0}, binary.AppendUvarint(nil, f.pages)))...)
		exports = append(exports, join(text("memory"), []byte{2, 0}))
	}
	if f.globals > 0 {
		module = append(module, section(6, join(number(f.globals), bytes.Repeat(join([]byte{i32, 1}, constant(0), []byte{end}), f.globals)))...)
	}
	module = append(module, section(7, vector(exports))...)
	if f.start > 0 {
		module = append(module, section(8, number(len(f.imports)+f.start-1))...)
	}
	if f.elements != nil {
		var entries [][]byte
		for _, i := range f.elements {
			entries = append(entries, number(len(f.imports)+i))
		}
		module = append(module, section(9, join([]byte{1, 0}, constant(1), []byte{end}, vector(entries)))...)
	}
	module = append(module, section(10, vector(codes))...)
	if f.data != "" {
		module = append(module, section(11, join([]byte{1, 0}, constant(0), []byte{end}, text(f.data)))...)
	}
	return append(module, section(0, join(text("name"), []byte{1}, sized(vector(names))))...)
}

// constant is i32.const of a number that is not negative, in signed LEB128.
func constant(n int) []byte {
	out := []byte{0x41}
	for ; n >= 0x40; n >>= 7 {
		out = append(out, byte(n)&0x7f|0x80)
	}
	return append(out, byte(n))
}

// iovec is WASI's list of one buffer at address 0, and the buffer behind it.
func iovec(at int, content string) string {
	list := binary.LittleEndian.AppendUint32(nil, uint32(at))
	return string(binary.LittleEndian.AppendUint32(list, uint32(len(content)))) + content
}

func join(parts ...[]byte) []byte { return slices.Concat(parts...) }

func number(n int) []byte { return binary.AppendUvarint(nil, uint64(n)) }

func sized(content []byte) []byte { return join(number(len(content)), content) }

func text(s string) []byte { return sized([]byte(s)) }

func vector(entries [][]byte) []byte { return join(number(len(entries)), join(entries...)) }

func section(id byte, content []byte) []byte { return join([]byte{id}, sized(content)) }

func TestFixturesAreWhatTheyClaim(t *testing.T) {
	if got := constant(1024); !slices.Equal(got, []byte{0x41, 0x80, 0x08}) {
		t.Errorf("constant(1024) is % x", got)
	}
	if got := constant(64); !slices.Equal(got, []byte{0x41, 0xc0, 0x00}) {
		t.Errorf("constant(64) is % x", got)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
