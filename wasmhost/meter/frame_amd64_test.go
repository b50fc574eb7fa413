package meter

import (
	"context"
	"encoding/binary"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// estimates rewrites a module, and returns the estimate of each of its frames,
// guarded or not.
func estimates(m *module.Module) (file []byte, frames []int) {
	file = Rewrite(m, Options{}).File
	b := &body{r: newRewriter(m, Options{})}
	b.estimator = estimator{r: b.r, walker: m.NewWalker()}
	for i := range m.Codes {
		b.rewrite(i)
		frames = append(frames, b.estimator.frame(i, b.checks))
	}
	return file, frames
}

// realFrames compiles a module and reads the frames out of the machine code:
// a function begins by making sure that its stack is there,
//
//	push rbp; mov rbp, rsp; sub rsp, REQUIRED; cmp rsp, ...
//
// where REQUIRED is all it takes, with what its calls pass on the stack. The
// code is in the engine's cache: a header, the functions' offsets, the code.
func realFrames(t *testing.T, file []byte) (frames []int) {
	t.Helper()
	entry := cacheEntry(t, file)
	version := int(entry[len("WAZEVO")])
	entry = entry[len("WAZEVO")+1+version:]
	count := int(binary.LittleEndian.Uint32(entry))
	offsets, machine := entry[4:4+8*count], entry[4+8*count+8:]
	for i := range count {
		begin := machine[binary.LittleEndian.Uint64(offsets[8*i:]):]
		frames = append(frames, requiredStack(t, begin))
	}
	return frames
}

func requiredStack(t *testing.T, function []byte) int {
	t.Helper()
	const prologue = "\x55\x48\x89\xe5" // push rbp; mov rbp, rsp
	if !strings.HasPrefix(string(function[:4]), prologue) {
		t.Fatalf("a function begins with % x", function[:16])
	}
	switch rest := function[4:]; string(rest[:3]) {
	case "\x48\x83\xec": // sub rsp, imm8
		return int(rest[3])
	case "\x48\x81\xec": // sub rsp, imm32
		return int(binary.LittleEndian.Uint32(rest[3:]))
	}
	t.Fatalf("a function begins with % x", function[:32])
	return 0
}

// cacheEntry compiles into an empty cache and returns the one file of it.
func cacheEntry(t *testing.T, file []byte) (entry []byte) {
	t.Helper()
	dir := t.TempDir()
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	check(t, err)
	ctx := context.Background()
	config := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2).WithCompilationCache(cache)
	runtime := wazero.NewRuntimeWithConfig(ctx, config.WithDebugInfoEnabled(false))
	defer runtime.Close(ctx)
	_, err = runtime.CompileModule(ctx, file)
	check(t, err)
	check(t, filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			entry, err = os.ReadFile(path)
		}
		return err
	}))
	return entry
}

// compareFrames fails where an estimate is below the frame.
func compareFrames(t *testing.T, m *module.Module) {
	t.Helper()
	file, estimated := estimates(m)
	have := realFrames(t, file)
	closest, sums := 1e9, [2]int{}
	for i, estimate := range estimated {
		if have[i] > estimate {
			t.Errorf("function %d, of %d bytes, has a frame of %d bytes, estimated at %d", i, len(m.Codes[i].Body), have[i], estimate)
		}
		closest = min(closest, float64(estimate)/float64(have[i]))
		sums[0] += have[i]
		sums[1] += estimate
	}
	t.Logf("%d functions: %.2f times the frame at the closest, %.2f in sum", len(estimated), closest, float64(sums[1])/float64(sums[0]))
}

func TestNoFrameOfAProgramIsAboveItsEstimate(t *testing.T) {
	for _, guest := range workGuests {
		t.Run(guest.name, func(t *testing.T) { compareFrames(t, admitted(t, guest.build(t))) })
	}
	bundled, err := filepath.Glob("../../plugins/bin/*.wasm")
	check(t, err)
	for _, path := range bundled {
		t.Run(filepath.Base(path), func(t *testing.T) {
			file, err := os.ReadFile(path)
			check(t, err)
			compareFrames(t, admitted(t, file))
		})
	}
}

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
			c.with(0x0d, 0) // br_if
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

func repeated(t module.ValueType, n int) (types []module.ValueType) {
	for range n {
		types = append(types, t)
	}
	return types
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

// shaped is a module of one function, run(i32) -> i32.
func shaped(locals []module.ValueType, body code) []byte {
	var codes, one code
	codes.u32(1)
	one.u32(uint32(len(locals)))
	for _, t := range locals {
		one.u32(1)
		one.op(byte(t))
	}
	one = append(one, body...)
	one.with(opLocalGet, 0)
	one.op(opEnd)
	codes.bytes(one)
	file := append([]byte(nil), "\x00asm\x01\x00\x00\x00"...)
	for _, s := range []section{
		{module.SectionType, code{1, 0x60, 1, 0x7f, 1, 0x7f}},
		{module.SectionFunction, code{1, 0}},
		{module.SectionMemory, code{1, 0, 1}},
		{module.SectionExport, append(code{1, 3}, "run\x00\x00"...)},
		{module.SectionCode, codes},
	} {
		file = s.appendTo(file)
	}
	return file
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

func TestNoFrameOfARandomFunctionIsAboveItsEstimate(t *testing.T) {
	seeds := 200
	if testing.Short() {
		seeds = 20
	}
	for seed := range seeds {
		random := rand.New(rand.NewPCG(uint64(seed), 1))
		g := &frameGuest{random: random, locals: 2 + random.IntN(40)}
		g.statements(0, 20+random.IntN(60))
		m := admitted(t, shaped(repeated(module.I32, g.locals), g.out))
		t.Run("seed "+strconv.Itoa(seed), func(t *testing.T) { compareFrames(t, m) })
	}
}

// frameGuest writes a function of random statements over locals.
type frameGuest struct {
	random *rand.Rand
	locals int
	out    code
}

func (g *frameGuest) local() uint32 { return uint32(g.random.IntN(g.locals + 1)) }

func (g *frameGuest) statements(depth, n int) {
	for range n {
		g.statement(depth)
	}
}

func (g *frameGuest) statement(depth int) {
	choice := g.random.IntN(10)
	if (depth > 4 || len(g.out) > 10_000) && choice > 5 {
		choice -= 5
	}
	switch choice {
	case 0, 1, 2:
		g.expression(g.random.IntN(6))
		g.out.with(opLocalSet, g.local())
	case 3:
		g.expression(1)
		g.expression(2)
		g.out.op(0x36, 2, byte(g.random.IntN(100))) // i32.store
	case 4, 5:
		g.expression(2)
		g.out.with(opCall, 0)
		g.out.with(opLocalSet, g.local())
	case 6, 7:
		g.expression(2)
		g.out.op(opIf, noResult)
		g.inside(depth)
		if g.random.IntN(2) == 0 {
			g.out.op(opElse)
			g.inside(depth)
		}
		g.out.op(opEnd)
	case 8:
		g.out.op(opLoop, noResult)
		g.inside(depth)
		g.expression(2)
		g.out.with(0x0d, 0) // br_if
		g.out.op(opEnd)
	case 9:
		g.dispatch(depth)
	}
}

func (g *frameGuest) inside(depth int) {
	g.statements(depth+1, 1+g.random.IntN(6))
}

// dispatch is a br_table to the ends of nested blocks, as Go's compiler has it.
func (g *frameGuest) dispatch(depth int) {
	const ways = 5
	for range ways {
		g.out.op(opBlock, noResult)
	}
	g.expression(1)
	g.out.op(0x0e, ways-1, 0, 1, 2, 3, 4) // br_table
	for range ways {
		g.out.op(opEnd)
		g.inside(depth)
	}
}

func (g *frameGuest) expression(depth int) {
	if depth == 0 {
		g.out.with(opLocalGet, g.local())
		return
	}
	switch g.random.IntN(5) {
	case 0:
		g.out.i32(int32(g.random.Uint32()))
	case 1:
		g.expression(depth - 1)
		g.out.op(0x28, 2, byte(g.random.IntN(100))) // i32.load
	default:
		g.expression(depth - 1)
		g.expression(depth - 1)
		g.out.op(opI32Add + byte(g.random.IntN(3)))
	}
}
