package meter

import (
	"strconv"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// Snapshot is what a host needs to keep the state of an instance and to give
// it to others, of a module that was rewritten with [Options.Snapshot]: then
// the host copies active data itself and calls the start function, so that a
// new instance has neither.
//
// State is the memory, the globals, the tables and which segments were
// dropped. Memory and globals of numbers a host can read and write; where an
// instance has changed anything else, Dirty says so.
type Snapshot struct {
	// Unfit says why instances cannot be made from a snapshot; then the module
	// is as without the option, and all else here is empty.
	Unfit string

	// Start is the exported name of the start function; empty without one.
	Start string
	// Globals are the exported names of the mutable globals of i32, i64, f32
	// and f64.
	Globals []string
	// Vectors is how many mutable globals of v128 there are. The engine lends
	// only half of such a one, so functions get and set them, by number and in
	// two halves, the lower first.
	Vectors int
	// GetVector and SetVector are the exported names of these functions, (i32)
	// -> (i64, i64) and (i32, i64, i64) -> (); empty without vectors.
	GetVector, SetVector string
	// Dirty is the exported name of a global, mut i32, that is not 0 once a
	// table or a global of references was written, or a segment was dropped;
	// empty where no instruction does any of it.
	Dirty string
	// Data is what active segments put into memory, in their order.
	Data []Data
}

// Data is bytes at a place in memory.
type Data struct {
	Offset uint32
	Bytes  []byte
}

// snapshot decides what is injected for snapshots, of a module that may change
// what cannot be put back where dirty is set.
func (r *rewriter) snapshot(dirty bool) {
	if !r.o.Snapshot {
		return
	}
	s := &r.snap
	if s.Unfit = unfit(r.m); s.Unfit != "" {
		return
	}
	if r.m.HasStart {
		s.Start = freeName(r.m, "sandsock.start")
	}
	for i, g := range r.m.Globals {
		if isNumber(g.Type) {
			s.Globals = append(s.Globals, freeName(r.m, "sandsock.global."+strconv.Itoa(i)))
		}
	}
	r.vectors()
	s.Data = make([]Data, 0, len(r.m.Datas))
	for _, d := range r.m.Datas {
		if d.Mode == module.Active {
			s.Data = append(s.Data, Data{uint32(d.Offset.Value), d.Init})
		}
	}
	if dirty {
		s.Dirty = freeName(r.m, "sandsock.dirty")
		r.dirty = r.stack + 1
	}
}

// unfit says why a module's state is more than a snapshot keeps.
func unfit(m *module.Module) string {
	for _, i := range m.Imports {
		if i.Kind != module.ExternFunc {
			return "it imports a " + i.Kind.String()
		}
	}
	return ""
}

// isNumber reports whether a global is state that the engine lends whole.
func isNumber(t module.GlobalType) bool {
	return t.Mutable && t.Value != module.V128 && !t.Value.IsRef()
}

// isDirty reports whether an instruction writes a table or a global of
// references, or drops a segment.
func (r *rewriter) isDirty(in *module.Instr) bool {
	switch in.Op {
	case module.OpcodeTableSet, module.OpcodeTableGrow, module.OpcodeTableFill, module.OpcodeTableCopy,
		module.OpcodeTableInit, module.OpcodeElemDrop, module.OpcodeDataDrop:
		return true
	case module.OpcodeGlobalSet:
		global, _ := r.m.GlobalType(in.Index)
		return global.Value.IsRef()
	}
	return false
}

// markDirty notes that the instruction at hand changes what cannot be put
// back.
func (b *body) markDirty(in *module.Instr) {
	if r := b.r; r.snap.Dirty != "" && r.isDirty(in) {
		b.out.i32(1)
		b.out.with(opGlobalSet, r.dirty)
	}
}

// snapshots reports whether the module is made for snapshots.
func (r *rewriter) snapshots() bool { return r.o.Snapshot && r.snap.Unfit == "" }

// exportSnapshot appends the exports, and returns how many there are.
func (r *rewriter) exportSnapshot(c *code) (n uint32) {
	s := &r.snap
	if s.Start != "" {
		c.export(module.Export{Name: s.Start, Kind: module.ExternFunc, Index: r.function(r.m.Start)})
		n++
	}
	names := s.Globals
	for i, g := range r.m.Globals {
		if isNumber(g.Type) && len(names) > 0 {
			c.export(module.Export{Name: names[0], Kind: module.ExternGlobal, Index: uint32(i)})
			names = names[1:]
			n++
		}
	}
	if s.Vectors > 0 {
		c.export(module.Export{Name: s.GetVector, Kind: module.ExternFunc, Index: r.helper[helperKey{op: vectorGetter}]})
		c.export(module.Export{Name: s.SetVector, Kind: module.ExternFunc, Index: r.helper[helperKey{op: vectorSetter}]})
		n += 2
	}
	if s.Dirty != "" {
		c.export(module.Export{Name: s.Dirty, Kind: module.ExternGlobal, Index: r.dirty})
		n++
	}
	return n
}
