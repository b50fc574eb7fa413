package meter

import (
	"context"
	"errors"
	"slices"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// world runs a rewritten module under a host that counts.
type world struct {
	t           *testing.T
	ctx         context.Context
	module      api.Module
	fuel, stack api.MutableGlobal
	slice       int64 // given at each tick
	given       int64
	ticks       int
	most        int // ticks that are answered
}

var (
	errFuel  = errors.New("out of fuel")
	errStack = errors.New("out of stack")
)

// newWorld rewrites a module that may not be checked, and instantiates it.
func newWorld(t *testing.T, m *module.Module, o Options) *world {
	t.Helper()
	return worldOf(t, Rewrite(m, o))
}

func worldOf(t *testing.T, out Metered) *world {
	t.Helper()
	w := &world{t: t, ctx: context.Background(), slice: 50_000, most: 1 << 30}
	runtime := wazero.NewRuntimeWithConfig(w.ctx, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2))
	t.Cleanup(func() { runtime.Close(w.ctx) })
	i64 := api.ValueTypeI64
	_, err := runtime.NewHostModuleBuilder(Module).NewFunctionBuilder().WithGoModuleFunction(
		api.GoModuleFunc(w.tick), []api.ValueType{i64, i64}, []api.ValueType{i64}).Export(Tick).Instantiate(w.ctx)
	check(t, err)
	w.module, err = runtime.InstantiateWithConfig(w.ctx, out.File, wazero.NewModuleConfig())
	check(t, err)
	w.fuel = w.module.ExportedGlobal(out.Fuel).(api.MutableGlobal)
	w.stack = w.module.ExportedGlobal(out.Stack).(api.MutableGlobal)
	w.stack.Set(1 << 20)
	return w
}

func (w *world) tick(_ context.Context, _ api.Module, stack []uint64) {
	if int64(stack[1]) < 0 {
		panic(errStack)
	}
	if w.ticks++; w.ticks > w.most {
		panic(errFuel)
	}
	left := int64(stack[0])
	w.given += w.slice - left
	stack[0] = uint64(w.slice)
}

// used is the fuel that was used.
func (w *world) used() int64 { return w.given - int64(w.fuel.Get()) }

func (w *world) call(name string, params ...uint64) ([]uint64, error) {
	return w.module.ExportedFunction(name).Call(w.ctx, params...)
}

// admitted decodes and checks a module.
func admitted(t *testing.T, file []byte) *module.Module {
	t.Helper()
	m, err := module.Admit(file, module.Bounds{})
	check(t, err)
	return m
}

// program is a module of a test: one function, run, of three i32, in a memory.
type program struct {
	pages   uint32
	data    []byte // a passive segment
	table   code   // its entry in the table section
	globals []code // entries in the global section
	results []module.ValueType
	exports []string // more names of the function
	names   bool
	body    code
}

func (p program) file() []byte {
	var types, memory, exports, codes, data, names code
	types.u32(1)
	types.op(0x60)
	types.valueTypes(threeI32().Params)
	types.valueTypes(p.results)
	memory.u32(1)
	memory.limits(module.Limits{Min: p.pages})
	exports.u32(uint32(2 + len(p.exports)))
	exports.export(module.Export{Name: "memory", Kind: module.ExternMemory})
	for _, name := range append([]string{"run"}, p.exports...) {
		exports.export(module.Export{Name: name, Kind: module.ExternFunc})
	}
	codes.u32(1)
	codes.bytes(append(append(code{1, 4, byte(module.I32)}, p.body...), opEnd))
	sections := []section{
		{module.SectionType, types}, {module.SectionFunction, code{1, 0}}, {module.SectionTable, nil},
		{module.SectionMemory, memory}, {module.SectionGlobal, p.globalSection()},
		{module.SectionExport, exports}, {module.SectionDataCount, nil},
		{module.SectionCode, codes},
	}
	if p.table != nil {
		sections[2].content = append(code{1}, p.table...)
	}
	if p.data != nil {
		sections[6].content = code{1}
		data.op(1, 1)
		data.bytes(p.data)
		sections = append(sections, section{module.SectionData, data})
	}
	if p.names {
		names.text("name")
		names.op(1)
		names.bytes(append(code{1, 0, 7}, "unhappy"...))
		sections = append(sections, section{module.SectionCustom, names})
	}
	file := append([]byte(nil), "\x00asm\x01\x00\x00\x00"...)
	for _, s := range sections {
		file = s.appendTo(file)
	}
	return file
}

func (p program) globalSection() (c code) {
	if len(p.globals) == 0 {
		return nil
	}
	c.u32(uint32(len(p.globals)))
	return append(c, slices.Concat(p.globals...)...)
}

func (p program) world(t *testing.T) *world {
	t.Helper()
	return newWorld(t, admitted(t, p.file()), Options{TableEntries: 1000})
}
