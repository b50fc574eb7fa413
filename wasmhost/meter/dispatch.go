package meter

import (
	"slices"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// A table that nothing can change is known beforehand, so an instance need not
// have it: injected functions, one for each type, stand for call_indirect, and
// branch by the index to direct calls. The engine would make each instance a
// table, and something beside it for each function in there; a guest in Go has
// 1,700.
//
// It is done where there is one table, which is neither imported nor exported,
// whose elements are all active and known, and where no instruction but
// call_indirect takes a table, an element segment or a reference to a function.
// What is called has few operands: those that the engine does not pass in
// registers would take room in the frame once for each function.
//
// Calls that trap are left to the engine, so that the trap is its own: they go
// through a table that holds null, as what is in no entry and beyond the last,
// and a function or two of other types.

// mostDispatched is how many places to branch to there may be in all, of which
// each type has at least as many as make a table worth it: the engine compiles a
// function as a whole.
const mostDispatched = 1 << 14

// mostParams and mostResults are how many operands what is called may have.
const mostParams, mostResults = 5, 1

// nullEntry is an entry of a table that names no function.
const nullEntry = -1

// dispatched is a table that functions stand for.
type dispatched struct {
	first   uint32  // index that is not null
	entries []int64 // from there to the last of these, a function or nullEntry
	left    []int64 // what stays: nullEntry, and functions of the first two types
}

// dispatch is the table, if functions may stand for it; else nil.
func (r *rewriter) dispatch(n needs) *dispatched {
	if r.o.DispatchFrom == 0 || n.tables || !mayDispatch(r.m) || int(r.m.Tables[0].Min) < r.o.DispatchFrom {
		return nil
	}
	functions := 0
	for _, key := range n.helpers {
		if key.op != module.OpcodeCallIndirect {
			continue
		}
		functions++
		if t := r.m.Types[key.index]; len(t.Params) > mostParams || len(t.Results) > mostResults {
			return nil
		}
	}
	table := fixedTable(r.m)
	if functions == 0 || table == nil || max(len(table.entries), r.o.DispatchFrom)*functions > mostDispatched {
		return nil
	}
	return table
}

// mayDispatch reports whether the table is one that only the module itself
// refers to.
func mayDispatch(m *module.Module) bool {
	if len(m.Tables) != 1 || m.NumTables() != 1 || m.Tables[0].Elem != module.FuncRef {
		return false
	}
	for _, e := range m.Exports {
		if e.Kind == module.ExternTable {
			return false
		}
	}
	return true
}

// fixedTable is the table as each instance has it; nil where that cannot be
// known.
func fixedTable(m *module.Module) *dispatched {
	entries := slices.Repeat([]int64{nullEntry}, int(m.Tables[0].Min))
	for _, e := range m.Elems {
		at := int64(uint32(e.Offset.Value))
		if e.Mode != module.Active || e.Offset.Op != module.OpcodeI32Const || at+int64(e.Len()) > int64(len(entries)) {
			return nil
		}
		for i := range e.Len() {
			entry, ok := element(e, i)
			if !ok {
				return nil
			}
			entries[at+int64(i)] = entry
		}
	}
	d := &dispatched{entries: entries, left: []int64{nullEntry}}
	for len(d.entries) > 0 && d.entries[0] == nullEntry { // a compiler may begin far in
		d.entries = d.entries[1:]
		d.first++
	}
	for n := len(d.entries); n > 0 && d.entries[n-1] == nullEntry; n-- {
		d.entries = d.entries[:n-1]
	}
	for _, entry := range d.entries {
		if entry != nullEntry && (len(d.left) == 1 || len(d.left) == 2 && !sameType(m, entry, d.left[1])) {
			d.left = append(d.left, entry)
		}
	}
	return d
}

// element is what an entry of a segment names, which is false of a global.
func element(e module.Elem, i int) (entry int64, ok bool) {
	if i < len(e.Funcs) {
		return int64(e.Funcs[i]), true
	}
	switch x := e.Exprs[i-len(e.Funcs)]; x.Op {
	case module.OpcodeRefFunc:
		return int64(x.Value), true
	case module.OpcodeRefNull:
		return nullEntry, true
	}
	return 0, false
}

func sameType(m *module.Module, a, b int64) bool {
	t, _ := m.FuncType(uint32(a))
	return hasType(m, b, t)
}

func hasType(m *module.Module, function int64, t module.FuncType) bool {
	have, ok := m.FuncType(uint32(function))
	return ok && have.Equal(t)
}

// place is where in the table that stays a call of a type traps as it would at
// an entry of another type, or at none.
func (d *dispatched) place(m *module.Module, entry int64, t module.FuncType) int32 {
	if entry == nullEntry {
		return 0
	}
	return int32(1 + slices.IndexFunc(d.left[1:], func(left int64) bool { return !hasType(m, left, t) }))
}

// callIndirect takes what call_indirect of a type takes. There is a block for
// each function of that type, and for each kind of trap, which ends where that
// is called.
func (r *rewriter) callIndirect(typ uint32) helper {
	t, d := r.m.Types[typ], r.table
	index := uint32(len(t.Params))
	type target struct {
		function int64 // or nullEntry
		place    int32 // then
	}
	var targets []target // from the inside
	label := map[target]uint32{}
	var labels code
	for _, entry := range append(slices.Clone(d.entries), nullEntry) {
		to := target{function: entry}
		if entry == nullEntry || !hasType(r.m, entry, t) {
			to = target{nullEntry, d.place(r.m, entry, t)}
		}
		if _, ok := label[to]; !ok {
			label[to] = uint32(len(targets))
			targets = append(targets, to)
		}
		labels.u32(label[to])
	}
	c := code{0}
	for range targets {
		c.op(opBlock, noResult)
	}
	c.with(opLocalGet, index)
	c.i32(int32(d.first))
	c.op(opI32Sub)
	c.with(opBrTable, uint32(len(d.entries)))
	c = append(c, labels...)
	for _, to := range targets {
		c.op(opEnd)
		for i := range t.Params {
			c.with(opLocalGet, uint32(i))
		}
		if to.function != nullEntry {
			c.with(opCall, r.function(uint32(to.function)))
		} else {
			c.i32(to.place)
			c.with(opCallIndirect, typ)
			c.op(0)
		}
		c.op(opReturn)
	}
	c.op(opUnreachable, opEnd)
	return helper{name: "call_indirect", typ: r.typeIndex(module.FuncType{
		Params: append(slices.Clone(t.Params), module.I32), Results: t.Results,
	}), body: c}
}

// table and elements are what is left of the sections.
func (d *dispatched) table() (c code) {
	size := uint32(len(d.left))
	c.op(1, byte(module.FuncRef))
	c.limits(module.Limits{Min: size, Max: size, HasMax: true})
	return c
}

func (d *dispatched) elements(r *rewriter) (c code) {
	c.op(1, 0) // one segment, active, of functions
	c.i32(1)
	c.op(opEnd)
	c.u32(uint32(len(d.left) - 1))
	for _, function := range d.left[1:] {
		c.u32(r.function(uint32(function)))
	}
	return c
}

// dispatchFrame is what the function that stands for a call_indirect takes of
// the stack, in bytes, while what it calls is at work. Its caller pays for that.
func dispatchFrame(t module.FuncType) int {
	return fixedFrame + 2*vectorSlot*(len(t.Params)+1+len(t.Results))
}

// usesTable reports whether an instruction needs a table, or something of one,
// as it is.
func usesTable(op module.Opcode) bool {
	switch op {
	case module.OpcodeTableGet, module.OpcodeTableSet, module.OpcodeTableSize, module.OpcodeTableGrow, module.OpcodeTableFill,
		module.OpcodeTableCopy, module.OpcodeTableInit, module.OpcodeElemDrop, module.OpcodeRefFunc:
		return true
	}
	return false
}
