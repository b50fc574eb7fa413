package meter

import (
	"strings"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// shapes are functions made to have large frames, each calling itself.
var shapes = []struct {
	name string
	body func() (locals []module.ValueType, body code)
}{
	{"one local and 4,900 calls", func() ([]module.ValueType, code) {
		var c code
		for range 4900 {
			c.with(opLocalGet, 0)
			c.with(opCall, 0)
			c.with(opLocalSet, 0)
		}
		return nil, c
	}},
	{"300 locals that live across 30 calls", func() ([]module.ValueType, code) {
		return liveAcross(300, module.I32, 30)
	}},
	{"100 vectors that live across 10 calls", func() ([]module.ValueType, code) {
		return liveAcross(100, module.V128, 10)
	}},
	{"60 operands that wait for each of 20 calls", func() ([]module.ValueType, code) {
		var c code
		for range 20 {
			for i := range int32(60) {
				c.with(opLocalGet, 0)
				c.i32(i)
				c.op(opI32Add)
			}
			c.with(opLocalGet, 0)
			c.with(opCall, 0)
			for range 60 {
				c.op(opI32Add)
			}
			c.with(opLocalSet, 0)
		}
		return nil, c
	}},
	{"200 addresses, each used twice", func() ([]module.ValueType, code) {
		var c code
		for range 2 {
			for i := range uint32(200) {
				c.with(opLocalGet, 1+i)
				c.op(0x28, 2, byte(i&0x7f)) // i32.load
				c.with(opLocalSet, 0)
			}
		}
		c.with(opLocalGet, 0)
		c.with(opCall, 0)
		c.with(opLocalSet, 0)
		return repeated(module.I32, 200), c
	}},
	{"50 values carried around 20 loops", func() ([]module.ValueType, code) {
		var c code
		for range 20 {
			c.op(opLoop, noResult)
			for i := range uint32(50) {
				c.with(opLocalGet, 1+i)
				c.with(opLocalGet, 1+(i+7)%50)
				c.op(opI32Add)
				c.with(opLocalSet, 1+i)
			}
			c.with(opLocalGet, 0)
			c.with(opCall, 0)
			c.with(opBrIf, 0)
			c.op(opEnd)
		}
		return repeated(module.I32, 50), c
	}},
	{"floats, many at once", func() ([]module.ValueType, code) {
		var c code
		for i := range uint32(40) {
			c.with(opLocalGet, 1+i)
			c.with(opLocalGet, 1+(i+1)%40)
			c.op(0xa2) // f64.mul
			c.with(opLocalSet, 1+i)
		}
		c.with(opLocalGet, 0)
		c.with(opCall, 0)
		c.with(opLocalSet, 0)
		for i := range uint32(40) {
			c.with(opLocalGet, 1+i)
			c.op(0xaa) // i32.trunc_f64_s
			c.with(opLocalGet, 0)
			c.op(opI32Add)
			c.with(opLocalSet, 0)
		}
		return repeated(module.F64, 40), c
	}},
}

// liveAcross gives n locals values that are needed after each of some calls.
func liveAcross(n int, t module.ValueType, calls int) ([]module.ValueType, code) {
	var c code
	value := func(local uint32) {
		c.with(opLocalGet, local)
		if t == module.V128 {
			c.op(0xfd, 0x1b, 0) // i32x4.extract_lane
		}
	}
	for k := range calls {
		for i := range uint32(n) {
			value(1 + (i+1)%uint32(n))
			c.i32(int32(k) + int32(i))
			c.op(opI32Add)
			if t == module.V128 {
				c.op(0xfd, 0x11) // i32x4.splat
			}
			c.with(opLocalSet, 1+i)
		}
		c.with(opLocalGet, 0)
		c.with(opCall, 0)
		c.with(opLocalSet, 0)
	}
	for i := range uint32(n) {
		value(1 + i)
		c.with(opLocalGet, 0)
		c.op(opI32Add)
		c.with(opLocalSet, 0)
	}
	return repeated(t, n), c
}

// shaped is a module of one function, run(i32) -> i32, that returns local 0.
func shaped(locals []module.ValueType, body code) []byte {
	return oneFunction(locals, append(body, opLocalGet, 0))
}

func TestNoFrameOfAShapeIsAboveItsEstimate(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) { compareFrames(t, admitted(t, shaped(s.body()))) })
	}
}

// The engine ends a recursion once its stack is longer than this.
const engineStack = 50_000_000

func TestTheEstimateHoldsWhereTheEngineItselfOverflows(t *testing.T) {
	for _, s := range shapes[:4] {
		t.Run(s.name, func(t *testing.T) {
			locals, body := s.body()
			// It counts how deep it is in a global, and calls itself first.
			file := append(code{opGlobalGet, 0}, opI32Const, 1, opI32Add, opGlobalSet, 0, opLocalGet, 0, opCall, 0, opLocalSet, 0)
			file = append(file, body...)
			m := admitted(t, withCounter(shaped(locals, file)))
			_, estimated := estimates(m)
			w := newWorld(t, m, Options{})
			w.stack.Set(1 << 40)
			w.slice = 1 << 40
			if _, err := w.call("run", 0); err == nil || !strings.Contains(err.Error(), "stack overflow") {
				t.Fatalf("it ends by %v", err)
			}
			depth := int(w.module.ExportedGlobal("depth").Get())
			t.Logf("%d deep, %d estimated for each: %d in all", depth, estimated[0], depth*estimated[0])
			if depth*estimated[0] < engineStack {
				t.Errorf("the engine's stack of %d bytes was used up by %d frames of %d bytes by the estimate", engineStack, depth, estimated[0])
			}
		})
	}
}

// withCounter gives a module of [shaped] the global depth.
func withCounter(file []byte) []byte {
	const exports = "\x07\x07\x01\x03run\x00\x00"
	at := strings.Index(string(file), exports)
	global := "\x06\x06\x01\x7f\x01\x41\x00\x0b"
	both := "\x07\x0f\x02\x03run\x00\x00\x05depth\x03\x00"
	return []byte(string(file[:at]) + global + both + string(file[at+len(exports):]))
}
