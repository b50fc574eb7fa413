package meter

import (
	"bytes"
	"errors"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/wasmhost/module"
)

var i32Result = []module.ValueType{module.I32}

func TestACountIsWhatWasExecuted(t *testing.T) {
	// What is executed for the parameter n, in instructions, and the fuel: never
	// less, at most twice as much.
	tests := []struct {
		name     string
		file     []byte
		n        uint64
		executed int64
	}{
		{"a loop", emptyLoop(), 1000, 5*1000 + 1},
		{"bytes that are capitals already", byteLoop(), 1000, (5*1000 + 8*1000) + 1},
		{"calls", calls(), 1000, 1000*(7+4) + 2 + 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := newWorld(t, admitted(t, tt.file), Options{})
			_, err := w.call("run", tt.n)
			check(t, err)
			if used := w.used(); used < tt.executed || used > 2*tt.executed {
				t.Errorf("%d instructions count as %d", tt.executed, used)
			}
		})
	}
}

func TestAnEndlessLoopAsksAgainAndAgain(t *testing.T) {
	w := newWorld(t, admitted(t, oneFunction(nil, code{opLoop, noResult, opBr, 0, opEnd, opLocalGet, 0})), Options{})
	w.most = 100
	if _, err := w.call("run", 0); !errors.Is(err, errFuel) {
		t.Errorf("it ends by %v", err)
	}
	if w.ticks != 101 {
		t.Errorf("it asked %d times", w.ticks)
	}
}

func TestCodeWithoutLoopsAsksToo(t *testing.T) {
	// Sixty functions would be more to write: one that calls itself twice, n deep.
	var c code
	c.with(opLocalGet, 0)
	c.op(opIf, noResult)
	for range 2 {
		c.with(opLocalGet, 0)
		c.i32(1)
		c.op(opI32Sub)
		c.with(opCall, 0)
		c.op(opDrop)
	}
	c.op(opEnd)
	c.with(opLocalGet, 0)
	w := newWorld(t, admitted(t, oneFunction(nil, c)), Options{})
	w.most = 100
	if _, err := w.call("run", 60); !errors.Is(err, errFuel) {
		t.Errorf("it ends by %v", err)
	}
}

func TestCallsInOneAnotherAreBounded(t *testing.T) {
	recursion := code{opLocalGet, 0, opCall, 0}
	w := newWorld(t, admitted(t, oneFunction(nil, recursion)), Options{})
	if _, err := w.call("run", 0); !errors.Is(err, errStack) {
		t.Errorf("with a bound it ends by %v", err)
	}
	unbounded := newWorld(t, admitted(t, oneFunction(nil, recursion)), Options{WithoutStack: true})
	if _, err := unbounded.call("run", 0); err == nil || !strings.Contains(err.Error(), "stack overflow") {
		t.Errorf("without one, the engine ends it by %v", err)
	}
}

func TestTheStackIsGivenBack(t *testing.T) {
	w := newWorld(t, admitted(t, calls()), Options{})
	before := w.stack.Get()
	for range 3 {
		_, err := w.call("run", 10)
		check(t, err)
	}
	if after := w.stack.Get(); after != before {
		t.Errorf("%d bytes are gone", int64(before-after))
	}
}

// bulk is a program that does one bulk instruction with its parameters.
func bulk(op module.Opcode, indices ...uint32) code {
	var c code
	for local := range uint32(3) {
		c.with(opLocalGet, local)
	}
	c.misc(op, indices...)
	return c
}

func TestBulkInstructionsPayByLengthAndGoInPieces(t *testing.T) {
	const size = 32 << 20
	tests := []struct {
		name string
		program
	}{
		{"memory.fill", program{pages: size / 65536, body: bulk(module.OpcodeMemoryFill, 0)}},
		{"memory.copy", program{pages: size / 65536, body: bulk(module.OpcodeMemoryCopy, 0, 0)}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w := tt.world(t)
			_, err := w.call("run", 0, 0, size)
			check(t, err)
			if used, least := w.used(), BytesCost(size); used < least || used > least+1000 {
				t.Errorf("%d bytes cost %d, want about %d", size, used, least)
			}
			if w.ticks < size/maxPiece {
				t.Errorf("the host was asked %d times for %d pieces", w.ticks, size/maxPiece)
			}
			_, err = w.call("run", 1, 0, size) // one byte too far
			if err == nil || !strings.Contains(err.Error(), "out of bounds") {
				t.Errorf("out of bounds it ends by %v", err)
			}
		})
	}
}

func TestOutOfBoundsNothingHasMoved(t *testing.T) {
	const pages = 64
	w := program{pages: pages, body: bulk(module.OpcodeMemoryFill, 0)}.world(t)
	if _, err := w.call("run", 8, 'x', pages*65536-7); err == nil {
		t.Error("it ends well")
	}
	all, _ := w.module.Memory().Read(0, pages*65536)
	if bytes.IndexByte(all, 'x') >= 0 {
		t.Error("something was filled")
	}
}

func TestACopyInPiecesIsMemmove(t *testing.T) {
	const size = 6 << 20
	w := program{pages: size / 65536, body: bulk(module.OpcodeMemoryCopy, 0, 0)}.world(t)
	memory, _ := w.module.Memory().Read(0, size)
	random := rand.New(rand.NewPCG(1, 2))
	for range 50 {
		for i := range memory {
			memory[i] = byte(i * 7 >> 3)
		}
		n := random.IntN(4 << 20)
		target, source := random.IntN(size-n), random.IntN(size-n)
		want := bytes.Clone(memory)
		copy(want[target:target+n], want[source:source+n])
		_, err := w.call("run", uint64(target), uint64(source), uint64(n))
		check(t, err)
		if !bytes.Equal(memory, want) {
			t.Fatalf("a copy of %d bytes from %d to %d differs", n, source, target)
		}
	}
}

func TestALargeSegmentIsCopiedInPieces(t *testing.T) {
	data := bytes.Repeat([]byte("0123456789abcdef"), 3<<16)
	w := program{pages: 64, data: data, body: bulk(module.OpcodeMemoryInit, 0, 0)}.world(t)
	_, err := w.call("run", 5, 16, uint64(len(data)-16))
	check(t, err)
	if got, _ := w.module.Memory().Read(5, uint32(len(data)-16)); !bytes.Equal(got, data[16:]) {
		t.Error("the copy differs")
	}
	if w.ticks < len(data)/maxPiece {
		t.Errorf("the host was asked %d times", w.ticks)
	}
	if _, err := w.call("run", 0, 17, uint64(len(data)-16)); err == nil {
		t.Error("beyond the segment it ends well")
	}
}

func TestWhatGrewIsPaid(t *testing.T) {
	grow := program{pages: 1, results: i32Result, body: code{opLocalGet, 0, opMemoryGrow, 0}}.world(t)
	before := grow.used()
	got, err := grow.call("run", 16, 0, 0)
	check(t, err)
	if paid := grow.used() - before; got[0] != 1 || paid < 16*65536>>bytesShift {
		t.Errorf("16 pages after %d cost %d", got[0], paid)
	}
	before = grow.used()
	got, err = grow.call("run", 0xffff_0000, 0, 0)
	check(t, err)
	if paid := grow.used() - before; int32(got[0]) != -1 || paid > 100 {
		t.Errorf("what did not grow gives %d and costs %d", int32(got[0]), paid)
	}
}

func TestATableGrowsAsFarAsAllowed(t *testing.T) {
	var c code
	c.op(0xd0, byte(module.FuncRef))
	c.with(opLocalGet, 0)
	c.misc(module.OpcodeTableGrow, 0)
	p := program{pages: 1, results: i32Result, table: code{byte(module.FuncRef), 0, 10}, body: c}
	for _, tt := range []struct{ by, want int32 }{{100_000_000, -1}, {991, -1}, {990, 10}} {
		got, err := p.world(t).call("run", uint64(uint32(tt.by)), 0, 0)
		check(t, err)
		if int32(got[0]) != tt.want {
			t.Errorf("table.grow by %d gives %d, want %d", tt.by, int32(got[0]), tt.want)
		}
	}
	unbounded := newWorld(t, admitted(t, p.file()), Options{})
	if got, err := unbounded.call("run", 991, 0, 0); err != nil || got[0] != 10 {
		t.Errorf("without the bound, it gives %v, %v", got, err)
	}
}

func TestATrapStillNamesItsFunction(t *testing.T) {
	w := program{pages: 1, names: true, body: code{0}}.world(t)
	if _, err := w.call("run", 0, 0, 0); err == nil || !strings.Contains(err.Error(), "unhappy") {
		t.Errorf("it ends by %v", err)
	}
}

func TestAGuestsOwnExportsKeepTheirNames(t *testing.T) {
	m := admitted(t, program{pages: 1, exports: []string{"sandsock.fuel", "sandsock.stack"}}.file())
	out := Rewrite(m, Options{})
	if out.Fuel == "sandsock.fuel" || out.Stack == "sandsock.stack" {
		t.Errorf("the globals are exported as %s and %s", out.Fuel, out.Stack)
	}
	again, err := module.Admit(out.File, module.Unbounded())
	check(t, err)
	if e, _ := again.Export("sandsock.fuel"); e.Kind != module.ExternFunc {
		t.Errorf("the guest's export became a %s", e.Kind)
	}
}

func TestWithoutMeteringAModuleIsAsItWas(t *testing.T) {
	m := admitted(t, byteLoop())
	again, err := module.Admit(Rewrite(m, Options{WithoutFuel: true, WithoutStack: true}).File, module.Bounds{})
	check(t, err)
	got, want := again.Codes[0], m.Codes[0]
	if !bytes.Equal(got.Body, want.Body) {
		t.Errorf("the body is % x, want % x", got.Body, want.Body)
	}
	if !slices.Equal(got.Locals, want.Locals) {
		t.Errorf("the locals are %v, want %v", got.Locals, want.Locals)
	}
}

func TestAHostsGlobalsAreMutable(t *testing.T) {
	w := program{pages: 1}.world(t)
	for name, g := range map[string]api.MutableGlobal{"fuel": w.fuel, "stack": w.stack} {
		g.Set(1 << 40)
		if g.Get() != 1<<40 {
			t.Errorf("%s does not hold 64 bits", name)
		}
	}
}
