package meter

import (
	"encoding/binary"
	"slices"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// Module is the module that a rewritten module imports tick from. No guest may
// import it.
const Module = "sandsock"

// Tick is the function of [Module] that a rewritten module calls when its fuel
// or its stack is below zero, with both: (fuel, stack i64) -> i64. What it
// returns is the fuel to go on with.
const Tick = "tick"

// Options say how a module is rewritten.
type Options struct {
	// TableEntries is how many entries all tables together may grow to: their
	// maxima are lowered. Zero leaves them as they are.
	TableEntries int

	// DispatchFrom is from how many entries on functions stand for a table that
	// nothing can change: see dispatch.go. Zero leaves all as they are.
	DispatchFrom int

	// Snapshot makes instances that begin without data and do not start: see
	// [Snapshot].
	Snapshot bool

	// WithoutFuel and WithoutStack leave metering out.
	WithoutFuel, WithoutStack bool
}

// Metered is a rewritten module.
type Metered struct {
	File []byte
	// Fuel and Stack are the exported names of the globals, mut i64, that hold
	// what is left. Both start at zero: the host sets them, or is asked at the
	// first charge.
	Fuel, Stack string
	// Snapshot is what the option of that name asks for.
	Snapshot Snapshot
	// What costs each instance of the rewritten module room: its segments of data
	// and of elements, the elements in those, and the entries of its tables.
	DataSegments, ElementSegments, Elements, TableEntries int
}

// Rewrite returns a module with metering. m must have passed
// [module.Module.Check], and is not changed; sections that no engine needs but
// names are left out. It works on all processors, and lets others run between.
func Rewrite(m *module.Module, o Options) Metered {
	r := newRewriter(m, o)
	out := Metered{
		File: r.file(r.codes()...), Fuel: r.fuelName, Stack: r.stackName, Snapshot: r.snap,
		DataSegments: r.dataSegments(), ElementSegments: len(m.Elems),
	}
	for _, e := range m.Elems {
		out.Elements += e.Len()
	}
	for _, t := range m.Tables {
		out.TableEntries += int(t.Min)
	}
	if d := r.table; d != nil {
		out.ElementSegments, out.Elements, out.TableEntries = 1, len(d.left), len(d.left)
	}
	return out
}

// file joins the sections, in one allocation: to copy is most of the work where
// a file is large. The code section is in parts.
func (r *rewriter) file(codes ...code) []byte {
	before := []section{
		{module.SectionType, r.typeSection()},
		{module.SectionImport, r.importSection()},
		{module.SectionFunction, r.functionSection()},
		{module.SectionTable, r.tableSection()},
		{module.SectionMemory, r.memorySection()},
		{module.SectionGlobal, r.globalSection()},
		{module.SectionExport, r.exportSection()},
		{module.SectionStart, r.startSection()},
		{module.SectionElement, r.elementSection()},
		{module.SectionDataCount, r.dataCountSection()},
	}
	after := []section{
		{module.SectionData, r.dataSection()},
		{module.SectionCustom, r.nameSection()},
	}
	const preamble = "\x00asm\x01\x00\x00\x00"
	size := len(preamble) + sum(codes) + (1+binary.MaxVarintLen32)*(len(before)+1+len(after))
	for _, s := range append(before, after...) {
		size += len(s.content)
	}
	file := append(make([]byte, 0, size), preamble...)
	for _, s := range before {
		file = s.appendTo(file)
	}
	file = appendSection(file, module.SectionCode, codes...)
	for _, s := range after {
		file = s.appendTo(file)
	}
	return file
}

// rewriter holds where the injected things are. Once it is made nothing in it
// changes: bodies are rewritten several at once.
type rewriter struct {
	m *module.Module
	o Options

	types    []module.FuncType // the module's, and those of injected functions
	tickType uint32
	profiles []profile // by body
	helpers  []helper
	helper   map[helperKey]uint32 // by what it does, the function

	table *dispatched // nil where it is as it was

	fuel, stack         uint32 // globals
	fuelName, stackName string
	snap                Snapshot
	dirty               uint32 // a global, where snap.Dirty is set
}

func newRewriter(m *module.Module, o Options) *rewriter {
	r := &rewriter{
		m: m, o: o,
		types:  slices.Clone(m.Types),
		helper: map[helperKey]uint32{},
		fuel:   uint32(m.NumGlobals()), stack: uint32(m.NumGlobals()) + 1,
		fuelName: freeName(m, "sandsock.fuel"), stackName: freeName(m, "sandsock.stack"),
	}
	r.tickType = r.typeIndex(module.FuncType{
		Params: []module.ValueType{module.I64, module.I64}, Results: []module.ValueType{module.I64},
	})
	r.need(helperKey{op: tickHelper})
	n := r.survey()
	r.snapshot(n.dirty)
	r.table = r.dispatch(n)
	for _, key := range n.helpers {
		if key.op != module.OpcodeCallIndirect || r.table != nil {
			r.need(key)
		}
	}
	r.blockTypes()
	return r
}

// blockTypes adds the types of the blocks that bodies go into, before the first
// body needs one.
func (r *rewriter) blockTypes() {
	for _, index := range r.m.Funcs {
		if results := r.m.Types[index].Results; len(results) > 1 {
			r.typeIndex(module.FuncType{Results: results})
		}
	}
}

// freeName is a name that the guest does not export.
func freeName(m *module.Module, name string) string {
	for {
		if _, taken := m.Export(name); !taken {
			return name
		}
		name += "'"
	}
}

// tick is the index of the injected import; the guest's own functions come
// after it.
func (r *rewriter) tick() uint32 { return uint32(r.m.NumImportedFuncs()) }

// function is where a function of the guest's is now.
func (r *rewriter) function(index uint32) uint32 {
	if index < r.tick() {
		return index
	}
	return index + 1
}

// typeIndex returns the index of a type, which is added where it is not there.
func (r *rewriter) typeIndex(t module.FuncType) uint32 {
	for i, have := range r.types[len(r.m.Types):] {
		if have.Equal(t) {
			return uint32(len(r.m.Types) + i)
		}
	}
	r.types = append(r.types, t)
	return uint32(len(r.types) - 1)
}
