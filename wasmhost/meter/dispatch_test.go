package meter

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// tabled is a module that calls through a table: run(i, n) calls entry i with n,
// ask(i) calls entry i with nothing.
type tabled struct {
	imports  code
	tables   code
	exports  []module.Export
	elements code
	body     code // before that of run
}

// The functions of a tabled module: two that add to their parameter, and one
// without.
const (
	addsOne, addsTwo, isSeven, runs = 0, 1, 2, 3
)

func (m tabled) file() []byte {
	adds := func(n int32) (c code) {
		c.with(opLocalGet, 0)
		c.i32(n)
		c.op(opI32Add)
		return c
	}
	var seven, ask, codes, exports code
	seven.i32(7)
	run := slices.Clone(m.body)
	run.with(opLocalGet, 1)
	run.with(opLocalGet, 0)
	run.with(opCallIndirect, 0)
	run.op(0)
	ask.with(opLocalGet, 0)
	ask.with(opCallIndirect, 1)
	ask.op(0)
	codes.u32(5)
	for _, body := range []code{adds(1), adds(2), seven, run, ask} {
		codes.bytes(function(nil, body))
	}
	all := append([]module.Export{{Name: "run", Index: runs}, {Name: "ask", Index: runs + 1}}, m.exports...)
	exports.u32(uint32(len(all)))
	for _, e := range all {
		exports.export(e)
	}
	file := append([]byte(nil), "\x00asm\x01\x00\x00\x00"...)
	for _, s := range []section{
		{module.SectionType, code{3, 0x60, 1, 0x7f, 1, 0x7f, 0x60, 0, 1, 0x7f, 0x60, 2, 0x7f, 0x7f, 1, 0x7f}},
		{module.SectionImport, m.imports},
		{module.SectionFunction, code{5, 0, 0, 1, 2, 0}},
		{module.SectionTable, m.tables},
		{module.SectionExport, exports},
		{module.SectionElement, m.elements},
		{module.SectionCode, codes},
	} {
		file = s.appendTo(file)
	}
	return file
}

// oneTable has eight entries: null, 0, 1, 0, 2, null, null, 1.
func oneTable() tabled {
	return tabled{
		tables: code{1, 0x70, 0, 8},
		elements: code{2,
			0, opI32Const, 1, opEnd, 4, addsOne, addsTwo, addsTwo, isSeven,
			4, opI32Const, 3, opEnd, 1, opRefFunc, addsOne, opEnd},
	}
}

func (m tabled) dispatches(t *testing.T) bool {
	return newRewriter(admitted(t, m.file()), Options{DispatchFrom: 8}).table != nil
}

func TestACallThroughATableThatIsDispatchedDoesWhatItDid(t *testing.T) {
	m := oneTable()
	if !m.dispatches(t) {
		t.Fatal("the table stays")
	}
	var alien tabled // has no function of a third type, and none of the second
	alien.tables, alien.elements = m.tables, code{1, 0, opI32Const, 2, opEnd, 1, addsTwo}
	for name, m := range map[string]tabled{"two types": m, "one type": alien} {
		outcomes := map[int]string{}
		for _, from := range []int{0, 8} {
			w := newWorld(t, admitted(t, m.file()), Options{DispatchFrom: from})
			for i := range uint64(10) {
				got, err := w.call("run", i, 40)
				outcomes[from] += fmt.Sprintf("run %d: %v %s\n", i, got, trap(err))
				got, err = w.call("ask", i)
				outcomes[from] += fmt.Sprintf("ask %d: %v %s\n", i, got, trap(err))
			}
			got, err := w.call("run", 1<<32-1, 40)
			outcomes[from] += fmt.Sprintf("%v %s\n", got, trap(err))
		}
		if outcomes[0] != outcomes[8] {
			t.Errorf("%s: with the table\n%swithout\n%s", name, outcomes[0], outcomes[8])
		}
	}
}

// TestATableThatMayChangeStays changes one thing at a time in a module whose
// table does not.
func TestATableThatMayChangeStays(t *testing.T) {
	do := func(op module.Opcode, operands int, indices ...uint32) func(*tabled) {
		return func(m *tabled) {
			for range operands {
				m.body.i32(0)
			}
			m.body.misc(op, indices...)
		}
	}
	for name, change := range map[string]func(m *tabled){
		"it is exported": func(m *tabled) {
			m.exports = []module.Export{{Name: "table", Kind: module.ExternTable}}
		},
		"it is imported": func(m *tabled) {
			m.imports, m.tables = code{1, 1, 'a', 1, 'b', byte(module.ExternTable), 0x70, 0, 8}, nil
		},
		"there are two": func(m *tabled) { m.tables = code{2, 0x70, 0, 8, 0x70, 0, 8} },
		"it is smaller": func(m *tabled) { m.tables = code{1, 0x70, 0, 7} },
		"it has too many places to branch to": func(m *tabled) {
			m.tables, m.elements = code{1, 0x70, 0}, code{2}
			m.tables.u32(mostDispatched/2 + 1)
			for _, at := range []int32{0, mostDispatched / 2} {
				m.elements.op(0)
				m.elements.i32(at)
				m.elements.op(opEnd, 1, addsOne)
			}
		},
		"a segment does not fit":         func(m *tabled) { m.elements[3] = 7 },
		"a segment is passive":           func(m *tabled) { m.elements = code{1, 1, 0, 1, addsOne} },
		"a segment is declarative":       func(m *tabled) { m.elements = code{1, 3, 0, 1, addsOne} },
		"an entry is an imported global": imported(code{1, 4, opI32Const, 0, opEnd, 1, opGlobalGet, 0, opEnd}, 0x70),
		"a segment's place is a global":  imported(code{1, 0, opGlobalGet, 0, opEnd, 1, addsOne}, 0x7f),
		"table.size":                     func(m *tabled) { do(module.OpcodeTableSize, 0, 0)(m); m.body.op(opDrop) },
		"table.copy":                     do(module.OpcodeTableCopy, 3, 0, 0),
		"table.init":                     do(module.OpcodeTableInit, 3, 0, 0),
		"elem.drop":                      do(module.OpcodeElemDrop, 0, 0),
		"table.get":                      func(m *tabled) { m.body.i32(0); m.body.op(0x25, 0, opDrop) },
		"table.set":                      func(m *tabled) { m.body.i32(0); m.body.op(0xd0, 0x70, 0x26, 0) },
		"table.grow": func(m *tabled) {
			m.body.op(0xd0, 0x70)
			do(module.OpcodeTableGrow, 1, 0)(m)
			m.body.op(opDrop)
		},
		"table.fill": func(m *tabled) {
			m.body.i32(0)
			m.body.op(0xd0, 0x70)
			do(module.OpcodeTableFill, 1, 0)(m)
		},
		"ref.func": func(m *tabled) { m.body.op(opRefFunc, addsOne, opDrop) },
	} {
		t.Run(name, func(t *testing.T) {
			m := oneTable()
			change(&m)
			if m.dispatches(t) {
				t.Error("it is dispatched")
			}
		})
	}
}

// TestATypeCountsAsATableThatIsDispatched has two types: however few functions
// there are, each type is a function that has to be compiled.
func TestATypeCountsAsATableThatIsDispatched(t *testing.T) {
	const large = mostDispatched/2 + 1
	m := oneTable()
	m.tables = code{1, 0x70, 0}
	m.tables.u32(large)
	for from, want := range map[int]bool{8: true, large: false} {
		r := newRewriter(admitted(t, m.file()), Options{DispatchFrom: from})
		if got := r.table != nil; got != want {
			t.Errorf("from %d entries on: %v", from, got)
		}
	}
}

// imported has the elements refer to an imported global of a type.
func imported(elements code, typ byte) func(*tabled) {
	return func(m *tabled) {
		m.imports, m.elements = code{1, 1, 'a', 1, 'b', byte(module.ExternGlobal), typ, 0}, elements
	}
}

// TestWhoCallsThroughATableThatIsDispatchedPaysForBothFrames is beside the
// tests that no frame is above what is paid for it.
func TestWhoCallsThroughATableThatIsDispatchedPaysForBothFrames(t *testing.T) {
	m := admitted(t, oneTable().file())
	var frames [2]int
	for i, from := range []int{0, 1} {
		b := &body{r: newRewriter(m, Options{DispatchFrom: from})}
		b.estimator = estimator{r: b.r, walker: m.NewWalker()}
		b.rewrite(runs)
		frames[i] = b.estimator.frame(runs, b.checks)
	}
	if want := frames[0] + dispatchFrame(m.Types[0]); frames[1] < want {
		t.Errorf("%d bytes, and %d with the table: less than %d", frames[1], frames[0], want)
	}
}
