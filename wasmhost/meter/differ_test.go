package meter

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// variant is one form of a module at work: plain, rewritten or counting.
type variant struct {
	module      api.Module
	fuel, stack api.MutableGlobal
	random      *rand.Rand // sizes of slices
	given, most int64      // fuel
}

const (
	budget     = 300_000 // fuel, of all calls into one instance
	stackBound = 256 << 10
)

// pair runs variants of one module on one engine.
type pair struct {
	ctx     context.Context
	engine  wazero.Runtime
	current *variant
	starts  Metered
}

func newPair(t testing.TB) *pair {
	t.Helper()
	p := &pair{ctx: context.Background()}
	p.engine = wazero.NewRuntimeWithConfig(p.ctx,
		wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2).WithMemoryLimitPages(16))
	t.Cleanup(func() { p.engine.Close(p.ctx) })
	i32, i64 := api.ValueTypeI32, api.ValueTypeI64
	_, err := p.engine.NewHostModuleBuilder(Module).NewFunctionBuilder().WithGoModuleFunction(
		api.GoModuleFunc(p.tick), []api.ValueType{i64, i64}, []api.ValueType{i64}).Export(Tick).Instantiate(p.ctx)
	check(t, err)
	env := p.engine.NewHostModuleBuilder("env")
	for name, f := range map[string]func(uint32) uint32{
		"pure": func(n uint32) uint32 { return n*2654435761 + 1 }, "odd!": func(n uint32) uint32 { return n | 1 },
	} {
		env.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, _ api.Module, stack []uint64) {
			stack[0] = uint64(f(uint32(stack[0])))
		}), []api.ValueType{i32}, []api.ValueType{i32}).Export(name)
	}
	_, err = env.Instantiate(p.ctx)
	check(t, err)
	return p
}

// tick gives slices of all sizes up to the budget. A start function asks
// before the stack was given: then it is.
func (p *pair) tick(_ context.Context, m api.Module, stack []uint64) {
	v := p.current
	if v.stack == nil {
		v.stack = m.ExportedGlobal(p.starts.Stack).(api.MutableGlobal)
		v.stack.Set(v.stack.Get() + stackBound)
		stack[1] = v.stack.Get()
	}
	left := int64(stack[0])
	if int64(stack[1]) < 0 {
		panic(errStack)
	}
	if left >= 0 {
		return
	}
	if v.given-left > v.most {
		panic(errFuel)
	}
	slice := v.random.Int64N(1000)
	v.given += slice - left
	stack[0] = uint64(slice)
}

// start instantiates a variant.
func (p *pair) start(out Metered, seed uint64) (*variant, error) {
	v := &variant{random: rand.New(rand.NewPCG(seed, 2)), most: budget}
	p.current, p.starts = v, out
	compiled, err := p.compile(out.File)
	if err != nil {
		return nil, err
	}
	v.module, err = p.engine.InstantiateModule(p.ctx, compiled, wazero.NewModuleConfig().WithName("").WithStartFunctions())
	if err != nil {
		return v, err
	}
	if out.Fuel != "" {
		v.fuel = v.module.ExportedGlobal(out.Fuel).(api.MutableGlobal)
		v.stack = v.module.ExportedGlobal(out.Stack).(api.MutableGlobal)
		v.stack.Set(stackBound)
	}
	return v, nil
}

var errCompile = errors.New("the engine does not compile it")

// compile tells refusals, and panics of the compiler, from what happens later.
func (p *pair) compile(file []byte) (compiled wazero.CompiledModule, err error) {
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("%w: it panics: %v", errCompile, r)
		}
	}()
	compiled, err = p.engine.CompileModule(p.ctx, file)
	if err != nil {
		err = fmt.Errorf("%w: %w", errCompile, err)
	}
	return compiled, err
}

// stopped reports whether it was the host that ended a call.
func stopped(err error) bool { return errors.Is(err, errFuel) || errors.Is(err, errStack) }

// call returns what a call gives, as text, with its trap and the state after.
func (p *pair) call(v *variant, name string, params []uint64) (outcome string, err error) {
	p.current = v
	f := v.module.ExportedFunction(name)
	got, err := f.Call(p.ctx, params...)
	given := ""
	if v.stack != nil && v.stack.Get() != stackBound {
		if err == nil {
			given = " without giving back its stack"
		}
		v.stack.Set(stackBound)
	}
	for i, at := 0, 0; err == nil && i < len(f.Definition().ResultTypes()); i++ {
		switch f.Definition().ResultTypes()[i] {
		case api.ValueTypeI32, api.ValueTypeF32:
			got[at] = uint64(uint32(got[at]))
		case 0x70, api.ValueTypeExternref:
			got[at] = min(got[at], 1) // null or not
		case 0x7b:
			at++
		}
		at++
	}
	return fmt.Sprintf("%x %s%s %s", got, trap(err), given, p.state(v)), err
}

// trap is the engine's word for what happened.
func trap(err error) string {
	if err == nil {
		return "ends"
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	if i := strings.Index(first, "wasm error: "); i >= 0 { // after the number of a start function
		return first[i:]
	}
	return first
}

// state is the memory and the globals of numbers.
func (p *pair) state(v *variant) (text string) {
	if memory := v.module.ExportedMemory("memory"); memory != nil {
		all, _ := memory.Read(0, memory.Size())
		text = fmt.Sprintf("%d %x", len(all), sha256.Sum256(all))
	}
	for i := range numbers {
		if g := v.module.ExportedGlobal(fmt.Sprintf("g%d", i)); g != nil {
			text += fmt.Sprintf(" %v", g)
		}
	}
	return text
}

// tallies are what became of modules and calls.
type tallies struct {
	modules, refused, calls, traps, fuel, stack, dispatched int
}

// differ runs a module plain and rewritten, and returns how they differ; empty
// where they do not.
func (c *tallies) differ(p *pair, m *module.Module, file []byte, seed uint64) string {
	rewritten, err := p.start(Rewrite(m, Options{DispatchFrom: 1}), seed)
	if stopped(err) {
		return ""
	}
	plain, plainErr := p.start(Metered{File: file}, seed)
	switch {
	case errors.Is(plainErr, errCompile):
		c.refused++
		// Names may be malformed by the specification; they are not copied.
		if !strings.Contains(plainErr.Error(), "section custom") {
			return fmt.Sprintf("admitted, but %v", plainErr)
		}
		return ""
	case trap(err) != trap(plainErr):
		return fmt.Sprintf("plain it starts by %v, rewritten by %v", plainErr, err)
	case err != nil:
		return ""
	}
	defer rewritten.module.Close(p.ctx)
	defer plain.module.Close(p.ctx)
	c.modules++
	if newRewriter(m, Options{DispatchFrom: 1}).table != nil {
		c.dispatched++
	}
	random := rand.New(rand.NewPCG(seed, 3))
	for _, name := range exportedFunctions(m) {
		for range 2 {
			params := arguments(random, rewritten.module.ExportedFunction(name).Definition().ParamTypes())
			got, err := p.call(rewritten, name, params)
			switch {
			case errors.Is(err, errFuel):
				c.fuel++
				return "" // plain it may never end
			case errors.Is(err, errStack):
				c.stack++
				return ""
			}
			want, _ := p.call(plain, name, params)
			if got != want {
				return fmt.Sprintf("%s%x: rewritten %s; plain %s", name, params, got, want)
			}
			c.calls++
			if err != nil {
				c.traps++
			}
		}
	}
	return ""
}

func exportedFunctions(m *module.Module) (names []string) {
	for _, e := range m.Exports {
		if e.Kind == module.ExternFunc {
			names = append(names, e.Name)
		}
	}
	return names
}

// arguments are words of any bits; references are null.
func arguments(random *rand.Rand, types []api.ValueType) (words []uint64) {
	for _, t := range types {
		word := random.Uint64() >> random.IntN(64)
		switch t {
		case api.ValueTypeExternref, 0x70:
			word = 0
		case 0x7b:
			words = append(words, word)
		case api.ValueTypeI32, api.ValueTypeF32:
			word = uint64(uint32(word))
		}
		words = append(words, word)
	}
	return words
}
