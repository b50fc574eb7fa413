package meter

import (
	"context"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// counting is the module with one unit taken from the fuel before each
// instruction by itself, so that what is used is what is executed.
func counting(m *module.Module) Metered {
	r := newRewriter(m, Options{WithoutStack: true})
	bodies := make([]code, len(m.Codes))
	for i, source := range m.Codes {
		b := body{r: r}
		b.scratch = uint32(len(m.Types[m.Funcs[i]].Params))
		b.out.u32(uint32(len(source.Locals) + 1))
		for _, g := range source.Locals {
			b.out.u32(g.Count)
			b.out.op(byte(g.Type))
			b.scratch += g.Count
		}
		b.out.u32(1)
		b.out.op(byte(module.I32))
		reader := source.Reader()
		for in := reader.Next(); in != nil; in = reader.Next() {
			if Cost(in.Op) > 0 {
				b.out.with(opGlobalGet, r.fuel)
				b.out.i64(int64(Cost(in.Op)))
				b.out.op(opI64Sub)
				b.out.with(opGlobalSet, r.fuel)
			}
			countingInstruction(&b, in)
		}
		bodies[i] = b.out
	}
	var codes code
	codes.u32(uint32(len(bodies) + len(r.helpers)))
	for _, one := range bodies {
		codes.bytes(one)
	}
	for _, h := range r.helpers {
		codes.bytes(h.body)
	}
	return Metered{File: r.file(codes), Fuel: r.fuelName, Stack: r.stackName}
}

func countingInstruction(b *body, in *module.Instr) {
	switch in.Op {
	case module.OpcodeCall:
		b.out.with(opCall, b.r.function(in.Index))
	case module.OpcodeRefFunc:
		b.out.with(opRefFunc, b.r.function(in.Index))
	case module.OpcodeMemoryFill, module.OpcodeMemoryCopy, module.OpcodeMemoryGrow:
		b.out.with(opCall, b.r.need(helperKey{op: in.Op}))
	case module.OpcodeTableGrow:
		b.out.with(opCall, b.r.need(helperKey{in.Op, in.Index}))
	case module.OpcodeMemoryInit:
		countingBulk(b, in, bytesShift)
	case module.OpcodeTableInit, module.OpcodeTableCopy, module.OpcodeTableFill:
		countingBulk(b, in, 0)
	default:
		b.out = append(b.out, in.Raw...)
	}
}

// countingBulk takes what a bulk instruction moves from the fuel.
func countingBulk(b *body, in *module.Instr, shift int64) {
	b.out.with(opLocalSet, b.scratch)
	b.r.pay(&b.out, func() {
		b.out.with(opLocalGet, b.scratch)
		b.out.op(opI64Extend)
		b.out.i64(shift)
		b.out.op(opI64ShrU)
	})
	b.out.with(opLocalGet, b.scratch)
	b.out = append(b.out, in.Raw...)
}

// runWork instantiates a guest of testdata/work and calls it, and returns what
// it gives and the fuel it uses.
func runWork(t *testing.T, out Metered) (result uint64, used int64) {
	t.Helper()
	ctx := context.Background()
	runtime := wazero.NewRuntimeWithConfig(ctx, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2))
	defer runtime.Close(ctx)
	wasi_snapshot_preview1.MustInstantiate(ctx, runtime)
	i64 := api.ValueTypeI64
	_, err := runtime.NewHostModuleBuilder(Module).NewFunctionBuilder().WithGoModuleFunction(
		api.GoModuleFunc(func(context.Context, api.Module, []uint64) { panic(errStack) }),
		[]api.ValueType{i64, i64}, []api.ValueType{i64}).Export(Tick).Instantiate(ctx)
	check(t, err)
	guest, err := runtime.InstantiateWithConfig(ctx, out.File, wazero.NewModuleConfig().WithStartFunctions())
	check(t, err)
	const enough = 1 << 60
	fuel := guest.ExportedGlobal(out.Fuel).(api.MutableGlobal)
	fuel.Set(enough)
	guest.ExportedGlobal(out.Stack).(api.MutableGlobal).Set(64 << 20)
	if initialize := guest.ExportedFunction("_initialize"); initialize != nil {
		_, err := initialize.Call(ctx)
		check(t, err)
	}
	before := int64(fuel.Get())
	results, err := guest.ExportedFunction("work").Call(ctx)
	check(t, err)
	return results[0], before - int64(fuel.Get())
}

func TestACountIsWithinTwiceOfWhatProgramsExecute(t *testing.T) {
	for _, guest := range workGuests {
		t.Run(guest.name, func(t *testing.T) {
			m := admitted(t, guest.build(t))
			want, executed := runWork(t, counting(m))
			got, used := runWork(t, Rewrite(m, Options{}))
			if got != want {
				t.Errorf("metered it gives %d, not %d", got, want)
			}
			t.Logf("%d executed, %d counted: %.3f", executed, used, float64(used)/float64(executed))
			if used < executed || used > 2*executed {
				t.Errorf("%d instructions count as %d", executed, used)
			}
		})
	}
}
