package spectest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"testing"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/sandsock/sandsock/wasmhost/meter"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// runner has the modules of one script, all rewritten or all as they are.
type runner struct {
	t         *testing.T
	script    *script
	rewritten bool

	ctx        context.Context
	runtime    wazero.Runtime
	last       api.Module
	named      map[string]api.Module
	registered map[string]api.Module
	metered    map[string]meter.Metered // by name in the engine
	instances  int
	stacks     []api.MutableGlobal
	trace      []string // what happened, to be compared
}

const (
	stackBytes = 1 << 20
	slice      = 1000 // of fuel: small, so that the host is asked often
)

var errStack = errors.New("the stack's bound was reached")

func newRunner(t *testing.T, s *script, rewritten bool) *runner {
	r := &runner{
		t: t, script: s, rewritten: rewritten,
		named: map[string]api.Module{}, registered: map[string]api.Module{}, metered: map[string]meter.Metered{},
	}
	r.ctx = experimental.WithImportResolver(context.Background(), func(name string) api.Module { return r.registered[name] })
	r.runtime = wazero.NewRuntimeWithConfig(r.ctx, wazero.NewRuntimeConfigCompiler().WithCoreFeatures(api.CoreFeaturesV2))
	t.Cleanup(func() { r.runtime.Close(context.Background()) })
	i64 := api.ValueTypeI64
	_, err := r.runtime.NewHostModuleBuilder(meter.Module).NewFunctionBuilder().WithGoModuleFunction(
		api.GoModuleFunc(r.tick), []api.ValueType{i64, i64}, []api.ValueType{i64}).Export(meter.Tick).Instantiate(r.ctx)
	if err != nil {
		t.Fatal(err)
	}
	file, err := os.ReadFile(testdata(t, "testdata", "spectest.wasm"))
	if err != nil {
		t.Fatal(err)
	}
	if r.registered["spectest"], err = r.load(file); err != nil {
		t.Fatal(err)
	}
	return r
}

// tick gives a slice, and its stack to a module whose start function asks
// before anybody could give it.
func (r *runner) tick(_ context.Context, m api.Module, stack []uint64) {
	if int64(stack[1]) < 0 {
		global := m.ExportedGlobal(r.metered[m.Name()].Stack).(api.MutableGlobal)
		if left := int64(global.Get()) + stackBytes; left >= 0 && len(r.stacks) < r.instances {
			global.Set(uint64(left))
			r.stacks = append(r.stacks, global)
		} else {
			panic(errStack)
		}
	}
	if int64(stack[0]) < 0 {
		stack[0] = slice
	}
}

// load does with a module what the host does: it is checked, and rewritten
// before the engine has it.
func (r *runner) load(file []byte) (api.Module, error) {
	m, err := module.Admit(file, module.Unbounded())
	if err != nil {
		return nil, fmt.Errorf("not admitted: %w", err)
	}
	name := fmt.Sprintf("%d", r.instances)
	r.instances++
	if r.rewritten {
		out := meter.Rewrite(m, meter.Options{DispatchFrom: 1})
		r.metered[name] = out
		file = out.File
	}
	instance, err := r.runtime.InstantiateWithConfig(r.ctx, file, wazero.NewModuleConfig().WithName(name).WithStartFunctions())
	if r.rewritten && len(r.stacks) < r.instances {
		r.stacks = append(r.stacks, r.stack(instance, name))
	}
	r.refill()
	return instance, err
}

// stack is the global of an instance, or none where it was not made.
func (r *runner) stack(instance api.Module, name string) api.MutableGlobal {
	if instance == nil {
		return nil
	}
	return instance.ExportedGlobal(r.metered[name].Stack).(api.MutableGlobal)
}

// refill gives all instances their stack: after a trap the calls that it ended
// have not given back theirs.
func (r *runner) refill() {
	for _, s := range r.stacks {
		if s != nil {
			s.Set(stackBytes)
		}
	}
}

// act does an action, and returns what it gives.
func (r *runner) act(a action) ([]uint64, error) {
	m := r.last
	if a.Module != "" {
		m = r.named[a.Module]
	}
	if m == nil {
		return nil, fmt.Errorf("there is no module %s", a.Module)
	}
	if a.Type == "get" {
		return []uint64{m.ExportedGlobal(a.Field).Get()}, nil
	}
	got, err := m.ExportedFunction(a.Field).Call(r.ctx, words(a.Args)...)
	if err != nil {
		r.refill()
	}
	return got, err
}
