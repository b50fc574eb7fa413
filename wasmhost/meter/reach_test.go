package meter

import (
	"bytes"
	"encoding/binary"
	"slices"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// What is injected comes right after the module's own: the fuel is the first
// global, and the first local, that it has not; tick's helper the first
// function.
const (
	ownFuncs  = 1
	firstFree = 3 + 4 // of locals: parameters, and what program declares
	plenty    = 1 << 40
)

// reach is an index that is one too high, at one place of a module.
type reach struct {
	name    string
	refusal string // of admission
	program program
	options Options
	edit    func(file []byte) []byte // what the program cannot say
	// forced does to a decoded module what decoding would not accept, when its
	// functions have been rewritten: that needs the indices in order.
	forced func(m *module.Module)
	// effect reports whether the injected thing was reached.
	effect func(w *world) bool
}

var reaches = []reach{
	{
		name: "global.set", refusal: "global 0",
		program: program{body: func() (c code) {
			c.i64(plenty)
			c.with(opGlobalSet, 0)
			c.op(0) // unreachable
			return c
		}()},
		effect: func(w *world) bool {
			_, _ = w.call("run", 0, 0, 0)
			return w.fuel.Get() == plenty
		},
	},
	{
		name: "local.set", refusal: "local 7",
		program: program{body: func() (c code) {
			c.i64(plenty)
			c.with(opLocalSet, firstFree)
			return c
		}()},
		effect: func(w *world) bool {
			_, err := w.call("run", 0, 0, 0)
			return err == nil && w.fuel.Get() == plenty
		},
	},
	{
		name: "call", refusal: "function 1",
		program: program{body: func() (c code) {
			c.i64(0)
			c.with(opCall, ownFuncs)
			c.op(opDrop)
			return c
		}()},
		effect: ticked,
	},
	{
		name: "export", refusal: "function 1",
		edit: func(file []byte) []byte {
			return bytes.Replace(file, []byte("\x03run\x00\x00"), []byte("\x03run\x00\x01"), 1)
		},
		forced: func(m *module.Module) { m.Exports[1].Index = ownFuncs },
		effect: func(w *world) bool {
			_, err := w.call("run", 0)
			return err == nil && w.ticks == 1
		},
	},
	{
		name: "element", refusal: "function 1",
		program: program{table: code{0x70, 0, 1}, body: func() (c code) {
			c.i32(0)
			c.op(0x25, 0, 0xd1, opIf, noResult, 0, opEnd) // trap where table.get is null
			return c
		}()},
		edit: func(file []byte) []byte {
			return insert(file, section{module.SectionElement, code{1, 0, 0x41, 0, opEnd, 1, ownFuncs}})
		},
		forced: func(m *module.Module) {
			m.Elems = []module.Elem{{Mode: module.Active, Type: module.FuncRef, Offset: zero(), Funcs: []uint32{ownFuncs}}}
		},
		effect: func(w *world) bool {
			_, err := w.call("run", 0, 0, 0)
			return err == nil
		},
	},
	{
		name: "call of what sets a vector", refusal: "function 3", options: Options{Snapshot: true},
		program: program{globals: []code{vector}, body: func() (c code) {
			c.i32(0)
			c.i64(plenty)
			c.i64(plenty)
			c.with(opCall, ownFuncs+2) // after tick's helper and the getter
			return c
		}()},
		effect: func(w *world) bool {
			_, err := w.call("run", 0, 0, 0)
			check(w.t, err)
			got, err := w.call("sandsock.getvector", 0)
			return err == nil && got[0] == plenty && got[1] == plenty
		},
	},
	{
		name: "global.set of what tells that a table was written", refusal: "global 2", options: Options{Snapshot: true},
		program: program{table: code{0x70, 0, 1}, body: func() (c code) {
			c.i32(0)
			c.op(0xd0, 0x70, 0x26, 0) // ref.null func, table.set
			c.i32(0)
			c.with(opGlobalSet, 2)
			return c
		}()},
		effect: func(w *world) bool {
			_, err := w.call("run", 0, 0, 0)
			return err == nil && w.module.ExportedGlobal("sandsock.dirty").Get() == 0
		},
	},
}

// vector is a global, mut v128, that is zero.
var vector = append(append(code{byte(module.V128), 1, opVector, 0x0c}, make(code, 16)...), opEnd)

// ticked reports whether run asked the host for fuel beside its own wants.
func ticked(w *world) bool {
	w.fuel.Set(plenty)
	_, err := w.call("run", 0, 0, 0)
	return err == nil && w.ticks > 0
}

// insert puts a section before the first with a higher number.
func insert(file []byte, s section) []byte {
	for at := 8; ; {
		size, n := binary.Uvarint(file[at+1:])
		if file[at] > byte(s.id) {
			return slices.Concat(file[:at], s.appendTo(nil), file[at:])
		}
		at += 1 + n + int(size)
	}
}

// Neighbour is set by the tests of this package from outside.
var Neighbour func(t *testing.T) (address string)

func TestWhatIsInjectedCannotBeNamed(t *testing.T) {
	if faults.RanApart(t, Neighbour) {
		return
	}
	for _, r := range reaches {
		t.Run(r.name, func(t *testing.T) {
			r.program.pages = 1
			file := r.program.file()
			bad := file
			if r.edit != nil {
				bad = r.edit(file)
			}
			_, err := module.Admit(bad, module.Bounds{})
			if err == nil || !strings.Contains(err.Error(), r.refusal) {
				t.Errorf("admission says %v, want something of %s", err, r.refusal)
			}
			m, decodeErr := module.Decode(file)
			check(t, decodeErr)
			rewriter := newRewriter(m, r.options)
			codes := rewriter.codes()
			if r.forced != nil {
				r.forced(m)
			}
			w := worldOf(t, Metered{File: rewriter.file(codes...), Fuel: rewriter.fuelName, Stack: rewriter.stackName})
			if !r.effect(w) {
				t.Error("without the check it does nothing: the case shows nothing")
			}
			faults.Row(t, "T68", "refused: "+err.Error(), "accepted, and it reaches what is injected")
		})
	}
}

// zero is the offset of a segment that begins at 0.
func zero() module.ConstExpr {
	return module.ConstExpr{Op: module.OpcodeI32Const, Raw: []byte{opI32Const, 0, opEnd}}
}
