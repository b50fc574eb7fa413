package meter

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// BenchmarkMetering runs one load plain, metered, and plain under the engine's
// own interrupt, in turn, and reports what the other two cost as a multiple of
// plain.
func BenchmarkMetering(b *testing.B) {
	type load struct {
		name  string
		build func(testing.TB) []byte
		call  string
		n     uint64
	}
	loads := []load{
		{"empty loop", func(testing.TB) []byte { return emptyLoop() }, "run", 1 << 20},
		{"byte loop", func(testing.TB) []byte { return byteLoop() }, "run", 1<<16 - 1},
		{"calls", func(testing.TB) []byte { return calls() }, "run", 1 << 16},
	}
	for _, g := range workGuests {
		loads = append(loads, load{g.name, g.build, "work", 0})
	}
	for _, l := range loads {
		b.Run(l.name, func(b *testing.B) {
			file := l.build(b)
			variants := []*runner{
				newRunner(b, file, false, false), newRunner(b, file, true, false), newRunner(b, file, false, true),
			}
			took := make([][]time.Duration, len(variants))
			for range b.N + 1 {
				for v, r := range variants {
					began := time.Now()
					r.run(b, l.call, l.n)
					took[v] = append(took[v], time.Since(began))
				}
			}
			plain := median(took[0])
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(float64(plain)/1e3, "plain-us")
			b.ReportMetric(float64(median(took[1]))/float64(plain), "metered-x")
			b.ReportMetric(float64(median(took[2]))/float64(plain), "engine-x")
		})
	}
}

func median(times []time.Duration) time.Duration {
	slices.Sort(times)
	return times[len(times)/2]
}

type runner struct {
	ctx    context.Context
	module api.Module
}

func newRunner(b *testing.B, file []byte, metered, interrupt bool) *runner {
	ctx, cancel := context.WithCancel(context.Background())
	b.Cleanup(cancel)
	config := wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2).WithCloseOnContextDone(interrupt)
	runtime := wazero.NewRuntimeWithConfig(ctx, config)
	b.Cleanup(func() { runtime.Close(context.Background()) })
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	r := &runner{ctx: ctx}
	_, err := runtime.NewHostModuleBuilder(Module).NewFunctionBuilder().WithGoModuleFunction(
		api.GoModuleFunc(func(_ context.Context, _ api.Module, stack []uint64) { stack[0] = 100_000 }),
		[]api.ValueType{api.ValueTypeI64, api.ValueTypeI64}, []api.ValueType{api.ValueTypeI64}).Export(Tick).Instantiate(ctx)
	check(b, err)
	out := Metered{File: file}
	if metered {
		m, err := module.Admit(file, module.Bounds{})
		check(b, err)
		out = Rewrite(m, Options{DispatchFrom: 64})
	}
	r.module, err = runtime.InstantiateWithConfig(ctx, out.File, wazero.NewModuleConfig().WithStartFunctions())
	check(b, err)
	if metered {
		r.module.ExportedGlobal(out.Stack).(api.MutableGlobal).Set(1 << 40)
	}
	if f := r.module.ExportedFunction("_initialize"); f != nil {
		_, err := f.Call(ctx)
		check(b, err)
	}
	return r
}

func (r *runner) run(b *testing.B, name string, n uint64) {
	f := r.module.ExportedFunction(name)
	var params []uint64
	if len(f.Definition().ParamTypes()) > 0 {
		params = []uint64{n}
	}
	if _, err := f.Call(r.ctx, params...); err != nil {
		b.Fatal(err)
	}
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func countDown(body func(c *code)) []byte {
	var c code
	c.op(opLoop, noResult)
	body(&c)
	c.with(opLocalGet, 0)
	c.i32(1)
	c.op(opI32Sub)
	c.with(opLocalTee, 0)
	c.with(opBrIf, 0)
	c.op(opEnd)
	c.with(opLocalGet, 1)
	return oneFunction(repeated(module.I32, 1), c)
}

func emptyLoop() []byte { return countDown(func(*code) {}) }

// byteLoop makes upper case of bytes, as the bundled handler does.
func byteLoop() []byte {
	return countDown(func(c *code) {
		c.with(opLocalGet, 0)
		c.op(0x2d, 0, 0) // i32.load8_u
		c.with(opLocalTee, 1)
		c.i32('a')
		c.op(opI32Sub)
		c.i32(26)
		c.op(0x49, opIf, noResult) // i32.lt_u
		c.with(opLocalGet, 0)
		c.with(opLocalGet, 1)
		c.i32(0x20)
		c.op(opI32Sub, 0x3a, 0, 0) // i32.store8
		c.op(opEnd)
	})
}

// calls calls itself, once deep, in a loop.
func calls() []byte {
	var c code
	c.with(opLocalGet, 0)
	c.op(0x45, opIf, noResult) // i32.eqz
	c.i32(1)
	c.op(opReturn, opEnd)
	c.op(opLoop, noResult)
	c.i32(0)
	c.with(opCall, 0)
	c.op(opDrop)
	c.with(opLocalGet, 0)
	c.i32(1)
	c.op(opI32Sub)
	c.with(opLocalTee, 0)
	c.with(opBrIf, 0)
	c.op(opEnd)
	c.with(opLocalGet, 1)
	return oneFunction(repeated(module.I32, 1), c)
}
