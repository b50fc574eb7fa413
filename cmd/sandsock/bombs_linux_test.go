package main

import (
	"bytes"
	"sort"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// Shapes of files that take the engine's compiler far longer, or far more
// memory, than files of their size do. Each is as large as it is wanted.

// bomb is a shape: a function body whose size is n, among locals.
type bomb struct {
	name   string
	locals int
	body   func(n int) []byte
	// file makes what is no function body; of size n too.
	file func(n int) []byte
	// heavy says that it is one of those which take the most, of time or memory.
	heavy bool
}

// at is the file with one body of size n, and so many copies of it.
func (b bomb) at(n, copies int) []byte {
	if b.file != nil {
		return b.file(n)
	}
	return bodies(b.locals, b.body(n), copies)
}

// largest returns the greatest size of one body that is admitted, and how many
// copies of it. It takes a second, and is found once.
func (b bomb) largest() (n, copies int) {
	if have, ok := largest[b.name]; ok {
		return have[0], have[1]
	}
	n, copies = greatest(func(n int) bool { return admitted(b.at(n, 1)) }), 1
	if b.file == nil {
		copies = greatest(func(copies int) bool { return admitted(b.at(n, copies)) })
	}
	largest[b.name] = [2]int{n, copies}
	return n, copies
}

var largest = map[string][2]int{}

func admitted(file []byte) bool {
	_, err := module.Admit(file, module.Bounds{})
	return err == nil
}

// greatest finds the last number from 1 that fits, where all below it do.
func greatest(fits func(int) bool) int {
	most := 1
	for most < 1<<24 && fits(2*most) {
		most *= 2
	}
	return most + sort.Search(most, func(i int) bool { return !fits(most + 1 + i) })
}

// More instructions.
var (
	block, loop, ifs = []byte{0x02, 0x40}, []byte{0x03, 0x40}, []byte{0x04, 0x40}
	endBlock         = []byte{end}
	get0             = []byte{get, 0}
	brIf0            = []byte{0x0d, 0}
)

// What a shape computes is to be kept, or the compiler leaves it out: keep
// writes an i32 to a global, mix one into local 0.
var (
	keep  = []byte{0x24, 0}
	mix   = []byte{get, 0, 0x73, 0x21, 0} // i32.xor
	lane0 = []byte{0xfd, 27, 0}
)

func set(local int) []byte { return join([]byte{0x21}, number(local)) }
func got(local int) []byte { return join([]byte{get}, number(local)) }

func times(n int, part ...[]byte) []byte { return bytes.Repeat(join(part...), n) }

// each joins a part for every number below n.
func each(n int, part func(i int) []byte) []byte {
	var b bytes.Buffer
	for i := range n {
		b.Write(part(i))
	}
	return b.Bytes()
}

// nest is blocks in one another, around a body.
func nest(n int, open []byte, body ...[]byte) []byte {
	return join(times(n, open), join(body...), times(n, endBlock))
}

const wide = 32 // results of type 1

// bodies is a module of equal functions () -> () with locals of i32. Type 1
// has as many parameters and results as there may be of results.
func bodies(locals int, body []byte, copies int) []byte {
	many := bytes.Repeat([]byte{i32}, wide)
	types := vector([][]byte{types[0], join([]byte{0x60}, text(string(many)), text(string(many))), types[1]})
	code := sized(join([]byte{1}, number(locals), []byte{i32}, body, endBlock))
	handle := sized(join([]byte{0}, constant(0), endBlock))
	wides := sized(join([]byte{0}, each(wide, got), endBlock))
	return join([]byte("\x00asm\x01\x00\x00\x00"), section(1, types),
		section(3, join(number(copies+2), []byte{2, 1}, bytes.Repeat([]byte{0}, copies))),
		section(4, []byte{1, 0x70, 0, 10}), section(5, []byte{1, 0, 1}),
		section(6, []byte{1, i32, 1, 0x41, 0, end}),
		section(7, vector([][]byte{join(text("memory"), []byte{2, 0}), join(text("handle"), []byte{0, 0})})),
		section(9, []byte{1, 0, 0x41, 0, end, 1, 0}),
		section(10, join(number(copies+2), handle, wides, bytes.Repeat(code, copies))))
}

var bombs = []bomb{
	{name: "blocks in one another", heavy: true, locals: 1, body: func(n int) []byte { return nest(n, block) }},
	{name: "a chain of ifs over locals", locals: 1000, body: func(n int) []byte {
		return each(n, func(i int) []byte { return join(get0, ifs, constant(1), set(i%1000), endBlock) })
	}},
	{name: "labels of a br_table", locals: 1, body: func(n int) []byte {
		return join(block, get0, []byte{0x0e}, number(n), make([]byte, n+1), endBlock)
	}},
	{name: "locals", file: func(n int) []byte { return bodies(n, nil, 1) }},
	{name: "functions", locals: 1, body: func(n int) []byte { return times(min(n, 4), []byte{0x01}) }},
	{name: "memory.fill", locals: 1, body: func(n int) []byte { return times(n, get0, get0, get0, []byte{0xfc, memoryFill, 0}) }},
	{name: "calls", heavy: true, locals: 1, body: func(n int) []byte { return times(n, get0, []byte{call, 0, 0x21, 0}) }},
	{name: "divisions", locals: 100, body: func(n int) []byte {
		return each(n, func(i int) []byte { return join(got(i%100), got((i+1)%100), []byte{0x6d}, set((i+2)%100)) })
	}},

	{name: "branches to one label among locals", locals: 200, body: func(n int) []byte {
		return join(block, each(n, func(i int) []byte { return join(get0, set(i%200), got((i+1)%200), brIf0) }), endBlock)
	}},
	{name: "selects", locals: 1000, body: func(n int) []byte {
		return join(each(n, func(i int) []byte {
			return join(got(i%1000), got((i+7)%1000), got((i+31)%1000), []byte{0x1b}, set((i+3)%1000))
		}), each(1000, func(i int) []byte { return join(got(i), keep) }))
	}},
	{name: "constants of v128", locals: 1, body: func(n int) []byte {
		return join(each(n, func(i int) []byte {
			c := join([]byte{0xfd, 12}, bytes.Repeat([]byte{byte(i)}, 15), []byte{byte(i >> 8)})
			shuffle := join([]byte{0xfd, 13}, bytes.Repeat([]byte{byte(i % 32)}, 16))
			return join(c, get0, []byte{0xfd, 17}, shuffle, lane0, mix)
		}), get0, keep)
	}},
	{name: "conversions of v128", heavy: true, locals: 1, body: func(n int) []byte {
		return join(times(n, get0, []byte{0xfd, 17, 0xfd, 0xf9, 0x01}, lane0, mix), get0, keep) // i32x4.trunc_sat_f32x4_u
	}},
	{name: "loops in one another among locals", heavy: true, locals: 100, body: func(n int) []byte {
		return join(each(n, func(i int) []byte { return join(loop, got(i%100), set((i+1)%100)) }),
			each(n, func(i int) []byte { return join(got(i%100), brIf0, endBlock) }))
	}},
	{name: "loads and stores in one block", heavy: true, locals: 100, body: func(n int) []byte {
		return each(n, func(i int) []byte {
			return join(got(i%100), got((i+1)%100), []byte{load, 2}, number(i*4), []byte{0x36, 2}, number(i*4))
		})
	}},
	{name: "loads", heavy: true, locals: 100, body: func(n int) []byte {
		return join(each(n, func(i int) []byte { return join(got(1+i%99), []byte{load, 2}, number(i*4), mix) }), get0, keep)
	}},
	{name: "calls of many results", heavy: true, locals: wide, body: func(n int) []byte {
		return join(each(wide, got), times(n, []byte{call, 1}), times(wide, []byte{drop}))
	}},
	{name: "ifs of many results", locals: wide, body: func(n int) []byte {
		return join(each(wide, got), times(n, get0, []byte{0x04, 1, 0x05}, times(wide, []byte{drop}), each(wide, got), endBlock), times(wide, []byte{drop}))
	}},
	{name: "loops among 1,000 locals", locals: 1000, body: func(n int) []byte {
		return each(n, func(i int) []byte { return join(loop, got(i%1000), set((i+1)%1000), get0, brIf0, endBlock) })
	}},
	{name: "indirect calls", heavy: true, locals: 10, body: func(n int) []byte {
		return each(n, func(i int) []byte { return join(got(i%10), got((i+1)%10), []byte{0x11, 2, 0}, set((i+2)%10)) })
	}},
	{name: "operands", heavy: true, locals: 1, body: func(n int) []byte {
		up := each(4000, func(int) []byte { return join(get0, []byte{0x45}) }) // i32.eqz
		return join(times(n, up, times(3999, []byte{0x6a}), mix), get0, keep)
	}},
	{name: "globals", locals: 1, body: func(n int) []byte { return times(n, []byte{0x23, 0, 0x24, 0}) }},
	{name: "truncations", locals: 4, body: func(n int) []byte {
		return times(n, get0, []byte{0xb2, 0xa8, 0x21, 1}) // f32.convert_i32_s, i32.trunc_f32_s
	}},
	{name: "additions", locals: 100, body: func(n int) []byte {
		return join(each(n, func(i int) []byte { return join(got(i%100), got((i+1)%100), []byte{0x6a}, set((i+2)%100)) }),
			each(100, func(i int) []byte { return join(got(i), keep) }))
	}},
	{name: "types", file: func(n int) []byte {
		n = min(n, 100_000)
		typ := join([]byte{0x60}, text(string(bytes.Repeat([]byte{i32}, 128))), text(string(bytes.Repeat([]byte{i32}, 32))))
		all := append([][]byte{types[1]}, make([][]byte, n-1)...)
		for i := range all[1:] {
			all[i+1] = typ
		}
		return join([]byte("\x00asm\x01\x00\x00\x00"), section(1, vector(all)), section(3, []byte{1, 0}), section(5, []byte{1, 0, 1}),
			section(7, vector([][]byte{join(text("memory"), []byte{2, 0}), join(text("handle"), []byte{0, 0})})),
			section(10, vector([][]byte{sized(join([]byte{0}, constant(0), endBlock))})))
	}},
}
