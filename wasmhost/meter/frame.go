package meter

import (
	"slices"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// The engine's frame of a function holds, beside what every frame has, a slot
// for each value that is ever spilled: slots are not used again. A value is
// spilled where it lives across a call, or across an instruction that makes a
// value while the registers are full. So the estimate counts the values - what
// a local holds between two assignments, what a push leaves - that live across
// either: a call, a check, which may call, an instruction that the engine makes
// a call of, and every instruction where many values live.
//
// It has been held against the frames the engine makes, of generated functions
// and of real programs: see frame_amd64_test.go.
const (
	// fixedFrame is what every frame may have: the return address, the caller's
	// frame pointer, the saved integer registers, the two contexts.
	fixedFrame = 192
	// floatFrame is what saved registers for floats and vectors take.
	floatFrame = 224
	slotSize   = 8
	vectorSlot = 16
	// registers is how many values may live at once before they are full, the
	// fewest there are: of 14 some hold the engine's own, the fuel, addresses, and
	// what an instruction needs for itself.
	registers = 5
)

// estimator estimates one frame after another.
type estimator struct {
	r      *rewriter
	walker *module.Walker
	steps  []step
	labels []uint32 // of br_tables, one after another
	live   liveness
	slot   int  // bytes
	floats bool // has any, or vectors
	call   int  // bytes, the largest area for a call's operands
	below  int  // bytes, the frame between this one and that of what it calls
	values int  // spilled
}

// step is an instruction as far as a frame depends on it.
type step struct {
	kind    kind
	index   uint32 // a local, a label; of branches the first of labels
	count   uint32 // of branches: how many labels; of loops: parameters
	height  int32  // of the operand stack before
	lowest  int32  // of the operand stack, once operands are taken
	clobber bool   // registers are lost
	checked bool   // a check stands before it, of a loop at its head
	crowded bool   // registers are full
}

type kind uint8

const (
	other kind = iota
	get
	set
	tee
	begins // block
	loops
	ifs
	elses
	ends
	jumps    // br
	jumpsIf  // br_if
	branches // br_table
	stops    // return, unreachable
)

// expect makes room for the steps of so many instructions at once.
func (e *estimator) expect(instructions int) {
	e.steps = emptied(e.steps, instructions)
}

// frame estimates the frame of the function Codes[i], in bytes; checks are the
// places of its checks among its instructions.
func (e *estimator) frame(i int, checks []int) int {
	m := e.r.m
	t, source := m.Types[m.Funcs[i]], m.Codes[i]
	e.steps, e.labels, e.values, e.call = e.steps[:0], e.labels[:0], 0, 0
	e.slot, e.floats, e.below = slotSize, false, 0
	e.vectors(t.Params, t.Results)
	locals := len(t.Params)
	for _, g := range source.Locals {
		locals += int(g.Count)
		e.vectors([]module.ValueType{g.Type})
	}
	e.read(i, checks)
	e.values += len(t.Params) + len(t.Results)
	e.live.reset(e, locals)
	e.live.run()
	e.countOperands()
	size := fixedFrame + e.slot*e.values + e.call + e.below
	if e.floats {
		size += floatFrame
	}
	return size
}

// vectors makes slots as large as a vector, where there is one, and remembers
// floats.
func (e *estimator) vectors(lists ...[]module.ValueType) {
	for _, types := range lists {
		for _, t := range types {
			switch t {
			case module.V128:
				e.slot, e.floats = vectorSlot, true
			case module.F32, module.F64:
				e.floats = true
			}
		}
	}
}

// read makes steps of the instructions that can be reached.
func (e *estimator) read(i int, checks []int) {
	depth, deadAt, place := 0, -1, -1 // deadAt is where the first unreachable block is
	e.walker.Walk(i, func(in *module.Instr, operands []module.ValueType, reachable bool) {
		place++
		s := step{height: int32(len(operands)), lowest: int32(len(operands))}
		opens := in.Op == module.OpcodeBlock || in.Op == module.OpcodeLoop || in.Op == module.OpcodeIf
		if in.Op == module.OpcodeEnd {
			depth--
		}
		dead := deadAt >= 0 && depth > deadAt || !reachable && in.Op != module.OpcodeEnd && in.Op != module.OpcodeElse
		if opens {
			if dead && deadAt < 0 {
				deadAt = depth
			}
			depth++
		}
		if in.Op == module.OpcodeEnd && deadAt >= 0 && depth == deadAt {
			deadAt, dead = -1, true
		}
		if dead {
			return
		}
		if _, s.checked = slices.BinarySearch(checks, place); s.checked {
			e.call = max(e.call, 2*vectorSlot)
		}
		e.step(in, &s)
		e.steps = append(e.steps, s)
	})
}

// step fills in what an instruction does.
func (e *estimator) step(in *module.Instr, s *step) {
	m := e.r.m
	takes := len(in.Info.Params)
	e.vectors(in.Info.Params, in.Info.Results)
	switch in.Op {
	case module.OpcodeLocalGet:
		s.kind, s.index = get, in.Index
	case module.OpcodeLocalSet:
		s.kind, s.index, takes = set, in.Index, 1
	case module.OpcodeLocalTee:
		s.kind, s.index, takes = tee, in.Index, 1
	case module.OpcodeBlock:
		s.kind = begins
		t, _ := m.BlockType(in.Block)
		takes = len(t.Params)
	case module.OpcodeLoop:
		s.kind = loops
		t, _ := m.BlockType(in.Block)
		takes, s.count = len(t.Params), uint32(len(t.Params))
	case module.OpcodeIf:
		s.kind = ifs
		t, _ := m.BlockType(in.Block)
		takes = len(t.Params) + 1
	case module.OpcodeElse:
		s.kind = elses
	case module.OpcodeEnd:
		s.kind = ends
	case module.OpcodeBr:
		s.kind = jumps
		e.jump(s, in.Index)
	case module.OpcodeReturn:
		s.kind = stops
	case module.OpcodeBrIf:
		s.kind, takes = jumpsIf, 1
		e.jump(s, in.Index)
	case module.OpcodeBrTable:
		s.kind, takes = branches, 1
		e.jump(s, in.Labels...)
	case module.OpcodeUnreachable:
		s.kind = stops
	case module.OpcodeCall:
		t, _ := m.FuncType(in.Index)
		takes = e.called(s, t)
	case module.OpcodeCallIndirect:
		takes = e.called(s, m.Types[in.Index]) + 1
		if t := m.Types[in.Index]; e.r.table != nil {
			e.call = max(e.call, vectorSlot*(len(t.Params)+1+len(t.Results))) // with the index
			e.below = max(e.below, dispatchFrame(t))
		}
	case module.OpcodeDrop, module.OpcodeRefIsNull, module.OpcodeGlobalSet:
		takes = 1
	case module.OpcodeSelect, module.OpcodeSelectTyped:
		takes = 3
	case module.OpcodeTableGet:
		takes, s.clobber = 1, true
	case module.OpcodeTableSet, module.OpcodeTableGrow:
		takes, s.clobber = 2, true
	case module.OpcodeTableFill:
		takes, s.clobber = 3, true
	default:
		s.clobber = callsOut(in.Op)
	}
	s.lowest -= int32(takes)
}

// called notes a call, and returns how many operands it takes.
func (e *estimator) called(s *step, t module.FuncType) int {
	s.clobber = true
	e.vectors(t.Params, t.Results)
	e.call = max(e.call, vectorSlot*(len(t.Params)+len(t.Results)))
	return len(t.Params)
}

// callsOut tells the instructions that the engine makes calls of.
func callsOut(op module.Opcode) bool {
	if op >= module.OpcodeMemoryInit && op <= module.OpcodeTableFill {
		return true
	}
	name := op.String()
	switch op {
	case module.OpcodeMemoryGrow, module.OpcodeRefFunc:
		return true
	}
	// On processors without the instruction, or always, these are functions.
	switch name {
	case "f32.ceil", "f32.floor", "f32.trunc", "f32.nearest", "f64.ceil", "f64.floor", "f64.trunc", "f64.nearest":
		return true
	}
	return false
}

func (e *estimator) jump(s *step, labels ...uint32) {
	s.index, s.count = uint32(len(e.labels)), uint32(len(labels))
	e.labels = append(e.labels, labels...)
}

// countOperands counts what waits on the operand stack while registers are
// lost or full. A value is counted once: those below counted are.
func (e *estimator) countOperands() {
	counted := int32(0)
	var bases []int32
	for i := range e.steps {
		s := &e.steps[i]
		counted = min(counted, s.height)
		if s.checked {
			e.values++ // the fuel
			if s.height > counted {
				e.values += int(s.height - counted)
				counted = s.height
			}
		}
		if (s.clobber || s.crowded) && s.lowest > counted {
			e.values += int(s.lowest - counted)
			counted = s.lowest
		}
		if s.crowded && (s.clobber || s.checked || s.kind >= begins && s.kind <= ends) {
			e.values += 2 // the memory's place and size, read again
		}
		counted = min(counted, s.lowest)
		switch s.kind {
		case begins, loops, ifs:
			bases = append(bases, s.lowest)
		case elses, ends:
			if len(bases) > 0 {
				counted = min(counted, bases[len(bases)-1])
				if s.kind == ends {
					bases = bases[:len(bases)-1]
				}
			}
		}
	}
}
