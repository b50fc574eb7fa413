package module

import (
	"cmp"
	"math"
)

// Bounds are how large a module may be to be admitted. They hold the engine's
// compiler to a stated time and memory, which [Decode] does not: it refuses
// only what no engine takes. Zero stands for the default, which is set so that
// large programs pass, such as CPython and a Go web server.
type Bounds struct {
	FileBytes    int // 32 MiB
	Types        int // 2,000
	Params       int // 128 of a function or block
	Results      int // 32 of a function or block
	Imports      int // 1,000
	Functions    int // 100,000, without the imported ones
	Globals      int // 10,000
	Exports      int // 10,000
	Tables       int // 16
	TableEntries int // 200,000, all tables together, as they start
	Segments     int // 110,000, of data and elements; Go's linker makes up to 100,001
	NameBytes    int // 8 MiB: names of functions

	CodeBytes  int // 12 MiB: the instructions of all functions
	BodyBytes  int // 512 KiB: a function's instructions
	Locals     int // 5,000, a function's parameters included
	Depth      int // 5,000 blocks in one another; Go makes a block of every place it resumes at
	Height     int // 5,000 operands on the stack
	Blocks     int // 10,000 of a function
	Calls      int // 5,000 in a function: each may lengthen its stack frame
	Labels     int // 5,000 of a br_table
	BodyLabels int // 20,000 of a function's br_tables together

	// BodyWork and Work bound estimates of what compiling costs, of the largest
	// function and of all together: see work.go. 1,000,000 and 24,000,000.
	BodyWork int
	Work     int
}

// fields are the bounds and their defaults.
func (b *Bounds) fields() []boundDefault {
	return []boundDefault{
		{&b.FileBytes, 32 << 20},
		{&b.Types, 2_000},
		{&b.Params, 128},
		{&b.Results, 32},
		{&b.Imports, 1_000},
		{&b.Functions, 100_000},
		{&b.Globals, 10_000},
		{&b.Exports, 10_000},
		{&b.Tables, 16},
		{&b.TableEntries, 200_000},
		{&b.Segments, 110_000},
		{&b.NameBytes, 8 << 20},
		{&b.CodeBytes, 12 << 20},
		{&b.BodyBytes, 512 << 10},
		{&b.Locals, 5_000},
		{&b.Depth, 5_000},
		{&b.Height, 5_000},
		{&b.Blocks, 10_000},
		{&b.Calls, 5_000},
		{&b.Labels, 5_000},
		{&b.BodyLabels, 20_000},
		{&b.BodyWork, 1_000_000},
		{&b.Work, 24_000_000},
	}
}

type boundDefault struct {
	field    *int
	standard int
}

// Unbounded are bounds that only the format itself sets, as in [Decode].
func Unbounded() (b Bounds) {
	for _, f := range b.fields() {
		*f.field = math.MaxInt
	}
	return b
}

// withDefaults returns the bounds with a number in every place.
func (b Bounds) withDefaults() Bounds {
	for _, f := range b.fields() {
		*f.field = cmp.Or(*f.field, f.standard)
	}
	return b
}

// An amount of something, and the most there may be.
type amount struct {
	what       string // in the plural
	have, most int
}

// checkCounts bounds what the sections declare.
func (m *Module) checkCounts(b Bounds) error {
	for _, a := range m.amounts(b) {
		if a.have > a.most {
			return reason("has %d %s; at most %d are allowed", a.have, a.what, a.most)
		}
	}
	for i, t := range m.Types {
		switch {
		case len(t.Params) > b.Params:
			return reason("has type %d of %d parameters; at most %d are allowed", i, len(t.Params), b.Params)
		case len(t.Results) > b.Results:
			return reason("has type %d of %d results; at most %d are allowed", i, len(t.Results), b.Results)
		}
	}
	return nil
}

func (m *Module) amounts(b Bounds) []amount {
	entries, names, code := 0, 0, 0
	for _, c := range m.Codes {
		code += len(c.Body)
	}
	for _, t := range m.Tables {
		entries += int(t.Min)
	}
	for _, f := range m.Names.Functions {
		names += len(f.Name)
	}
	return []amount{
		{"types", len(m.Types), b.Types},
		{"imports", len(m.Imports), b.Imports},
		{"functions", len(m.Funcs), b.Functions},
		{"globals", len(m.Globals), b.Globals},
		{"exports", len(m.Exports), b.Exports},
		{"tables", len(m.Tables), b.Tables},
		{"table entries", entries, b.TableEntries},
		{"segments", len(m.Datas) + len(m.Elems), b.Segments},
		{"bytes of function names", names, b.NameBytes},
		{"bytes of instructions", code, b.CodeBytes},
	}
}
