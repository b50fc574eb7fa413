package wasmhost

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// vessel is a plugin's module with its memory: what a guest runs in, without
// the connection it serves. The zero value has not been instantiated.
type vessel struct {
	module      api.Module
	memory      api.Memory
	linear      *linear
	fuel, stack api.MutableGlobal // nil without metering
	handle      api.Function      // nil until it is called
	deep        bool              // a call went deeper than shallow

	// Of one that is made from a snapshot:
	globals   []api.MutableGlobal
	setVector api.Function // nil without vectors
	dirty     api.Global   // nil where nothing can make it so
}

// moduleConfig is that of every instance. It is anonymous, so that a module can
// have many; _start is for Run to call, since an error there is the program's
// own. Chance and clocks come from this host's own functions; left out, the
// engine would make a generator of 5 KiB for each instance.
var moduleConfig = wazero.NewModuleConfig().WithName("").WithStartFunctions().
	WithRandSource(rand.Reader).WithSysWalltime().WithSysNanotime()

// instantiateModule makes the vessel's module. Guest code runs where the module
// has a start function of its own.
func (g *instance) instantiateModule(memory *linear) error {
	g.linear = memory
	g.values = experimental.WithMemoryAllocator(context.Background(), memory)
	module, err := g.plugin.engine.InstantiateModule(g, g.plugin.compiled, moduleConfig)
	if err != nil {
		g.gauge.giveTurn(g)
		return err
	}
	if g.module == nil {
		g.adopt(module)
	}
	return nil
}

// adopt remembers the module. A start function's host calls come before
// InstantiateModule has returned it.
func (g *instance) adopt(module api.Module) {
	g.module, g.memory = module, module.Memory()
	p := g.plugin
	if p.facts.Fuel != "" {
		g.fuel, g.stack = mutable(module, p.facts.Fuel), mutable(module, p.facts.Stack)
		// A start function is at work already, and has taken its part.
		g.stack.Set(g.stack.Get() + uint64(g.shallow()))
	}
}

// function returns an exported function. The engine makes a stack for each that
// it returns, so a vessel keeps the one that every connection calls.
func (v *vessel) function(name string) api.Function {
	if name != "handle" {
		return v.module.ExportedFunction(name)
	}
	if v.handle == nil {
		v.handle = v.module.ExportedFunction(name)
	}
	return v.handle
}

func mutable(module api.Module, name string) api.MutableGlobal {
	return module.ExportedGlobal(name).(api.MutableGlobal)
}

// initialize brings a new module to where a snapshot is taken: active data is in
// its memory, its start function and _initialize have run.
func (g *instance) initialize() error {
	if err := g.space.enter(); err != nil {
		return err
	}
	if err := g.instantiateModule(&linear{space: g.space, grows: g.founds}); err != nil {
		return err
	}
	snap := &g.plugin.facts.Snapshot
	for _, d := range snap.Data {
		if !g.memory.Write(d.Offset, d.Bytes) {
			return fmt.Errorf("out of bounds memory access: data of %d bytes at %#x", len(d.Bytes), d.Offset)
		}
	}
	for _, name := range []string{snap.Start, "_initialize"} {
		if name == "" || g.module.ExportedFunction(name) == nil {
			continue
		}
		if _, err := g.call(name); err != nil {
			return err
		}
	}
	g.initializing = false
	return nil
}
