package wasmhost

import (
	"context"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/wasmhost/meter"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// Function is a host function of the program that embeds the host, which
// plugins may import beside the contract's. It is for that program to see to
// it that no plugin can do harm with it: pointers are checked by [Caller.Bytes],
// and nothing else is.
type Function struct {
	Module, Name    string // as a plugin imports it; the module is none of the host's own
	Params, Results []module.ValueType

	// Call has the parameters in values, from the first on, and leaves the
	// results there; the upper half of an i32 means nothing. It is called from
	// the goroutines of all connections. It should return soon after
	// [Caller.Done], since a stop and a drain wait for it.
	//
	// A plugin that calls it before a connection is there, to initialize
	// itself, traps: what it did then would be shared by all connections.
	Call func(c Caller, values []uint64)
}

// Caller is the guest that calls a [Function]. It is not to be kept.
type Caller struct{ g *instance }

// Bytes is length bytes of the guest's memory from ptr on, to read and to write
// until the call returns; 2 GiB less one byte at most. The error is EFAULT where
// the guest has no such memory.
func (c Caller) Bytes(ptr, length uint32) ([]byte, error) { return c.g.bytes(ptr, length) }

// Done is closed when the guest is stopped.
func (c Caller) Done() <-chan struct{} { return c.g.done }

func (f *Function) signature() string {
	return module.FuncType{Params: f.Params, Results: f.Results}.String()
}

// checkFunctions refuses functions that could not be told from each other, or
// from the host's own.
func (c Config) checkFunctions() error {
	seen := map[string]bool{}
	for _, f := range c.Functions {
		full := f.Module + "." + f.Name
		switch _, own := hostModules[f.Module]; {
		case own || f.Module == "" || f.Module == meter.Module:
			return fmt.Errorf("wasmhost: Config.Functions: %q: that module is the host's own", full)
		case f.Call == nil:
			return fmt.Errorf("wasmhost: Config.Functions: %q has no Call", full)
		case seen[full]:
			return fmt.Errorf("wasmhost: Config.Functions: %q is there twice", full)
		}
		for _, t := range append(append([]module.ValueType{}, f.Params...), f.Results...) {
			switch t {
			case module.I32, module.I64, module.F32, module.F64:
			default:
				return fmt.Errorf("wasmhost: Config.Functions: %q: %v cannot be passed", full, t)
			}
		}
		seen[full] = true
	}
	return nil
}

// functions are the types of the embedder's, by module and name.
func (c Config) functions() map[string]map[string]string {
	types := map[string]map[string]string{}
	for _, f := range c.Functions {
		if types[f.Module] == nil {
			types[f.Module] = map[string]string{}
		}
		types[f.Module][f.Name] = f.signature()
	}
	return types
}

// exportFunctions registers the embedder's functions.
func (h *Host) exportFunctions(ctx context.Context, r wazero.Runtime) error {
	builders := map[string]wazero.HostModuleBuilder{}
	for _, f := range h.config.Functions {
		if builders[f.Module] == nil {
			builders[f.Module] = r.NewHostModuleBuilder(f.Module)
		}
		builders[f.Module].NewFunctionBuilder().
			WithGoModuleFunction(f.function(), engineTypes(f.Params), engineTypes(f.Results)).
			Export(f.Name)
	}
	for _, b := range builders {
		if _, err := b.Instantiate(ctx); err != nil {
			return err
		}
	}
	return nil
}

func (f Function) function() api.GoModuleFunc {
	early := errors.New(f.Module + "." + f.Name + " is called before there is a connection")
	return func(ctx context.Context, module api.Module, stack []uint64) {
		g := instanceOf(ctx, module)
		g.begin()
		if g.initializing {
			panic(early)
		}
		f.Call(Caller{g}, stack)
		g.end()
	}
}

func engineTypes(types []module.ValueType) (all []api.ValueType) {
	for _, t := range types {
		all = append(all, api.ValueType(t))
	}
	return all
}
