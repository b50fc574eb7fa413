package wasmhost

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tetratelabs/wazero"

	"github.com/sandsock/sandsock/wasmhost/meter"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// Plugin is a file that was loaded: checked, compiled, and ready for
// instances. It may be used from any number of goroutines and routes.
type Plugin struct {
	name     string
	size     int
	digest   string
	took     time.Duration // to load
	held     held
	facts    facts
	engine   wazero.Runtime
	compiled wazero.CompiledModule
}

// freshSection is the custom section by which a plugin asks for a plain
// instance each time, which initializes itself.
const freshSection = "sandsock.fresh"

// LoadError says in one sentence why a file is no plugin this host can run.
type LoadError struct {
	Name   string // the file's or the bundled plugin's
	Reason string
}

func (e *LoadError) Error() string { return e.Name + ": " + e.Reason }

// Load makes a plugin of a file's bytes, which must not change until it returns.
// Name stands in front of every report, and of every error but the context's
// cause, which it is where that ends [Config.Compile]; any other is a
// [*LoadError]. Guest code does not run. What is compiled takes its memory until
// [Plugin.Close].
func (h *Host) Load(ctx context.Context, name string, file []byte) (*Plugin, error) {
	began := time.Now()
	p := &Plugin{name: name, size: len(file), digest: Digest(file)}
	if err := h.load(ctx, p, file); err != nil {
		return nil, err
	}
	h.hold(p)
	p.took = time.Since(began)
	return p, nil
}

// load finds out what is to be known of a plugin, and compiles it; either may
// come from the cache.
func (h *Host) load(ctx context.Context, p *Plugin, file []byte) error {
	key := h.key(p.digest)
	if f, compiled := h.recall(ctx, p.name, key); f != nil {
		if err := h.config.checkMinimum(f.Minimum); err != nil {
			return errors.Join(&LoadError{p.name, err.Error()}, compiled.Close(ctx))
		}
		p.facts, p.engine, p.compiled = *f, h.cached, compiled
		return nil
	}
	made, err := h.config.prepare(file)
	if err == nil {
		p.facts = made.facts
		p.engine, p.compiled, err = h.compile(ctx, p.name, made, key)
	}
	switch cause := context.Cause(ctx); {
	case err == nil:
		return nil
	case cause != nil && errors.Is(err, cause):
		return cause
	}
	return &LoadError{p.name, err.Error()}
}

// prepared is what is made of a file before it is compiled.
type prepared struct {
	facts
	module []byte // what the engine is to be given
}

// prepare admits a file and rewrites it. Without [DefenceAdmission] one that
// cannot even be decoded is the engine's, as of any host that trusts it.
func (c Config) prepare(file []byte) (prepared, error) {
	m, err := c.admit(file)
	if err != nil && c.Without.has(DefenceAdmission) {
		return prepared{facts{Kind: module.Handler}, file}, nil
	}
	if err != nil {
		return prepared{}, err
	}
	kind, err := c.Check(m)
	if err != nil {
		return prepared{}, err
	}
	options := c.meterOptions()
	options.Snapshot = kind == module.Handler && !m.HasCustom(freshSection)
	metered := meter.Rewrite(m, options)
	metered.Snapshot.Data = runs(metered.Snapshot.Data)
	return prepared{facts{
		Kind: kind, Polls: polls(m), Minimum: minimumMemory(m), Fixed: fixedCost(len(m.Globals), metered), Fuel: metered.Fuel, Stack: metered.Stack,
		Snapshots: options.Snapshot && metered.Snapshot.Unfit == "", Snapshot: metered.Snapshot, Seed: ownSeed(m),
	}, metered.File}, nil
}

// admit reads a file and checks all of it. Without [DefenceAdmission] function
// bodies are not looked at.
func (c Config) admit(file []byte) (*module.Module, error) {
	if c.Without.has(DefenceAdmission) {
		return module.Decode(file)
	}
	return module.Admit(file, c.Bounds)
}

// Check tells what a decoded module is to a host of this configuration, or why
// it would be refused, short of what only the compiler sees.
func (c Config) Check(m *module.Module) (module.Kind, error) {
	kind, err := m.Kind()
	if err != nil {
		return module.Neither, err
	}
	if err := c.checkImports(m); err != nil {
		return module.Neither, err
	}
	return kind, c.checkMinimum(minimumMemory(m))
}

func (c Config) checkMinimum(minimum int64) error {
	return c.Limits.or(DefaultLimits()).checkMinimum(minimum, c.Without)
}

func minimumMemory(m *module.Module) int64 {
	memory, _ := m.MemoryType(0)
	return int64(memory.Min) * pageSize
}

func (l Limits) checkMinimum(minimum int64, without Defences) error {
	if minimum/pageSize > int64(l.pages(without)) {
		return fmt.Errorf("wants %s of memory, and %s is the limit", bytesText(minimum), bytesText(l.Memory))
	}
	return nil
}

// admits refuses a plugin that cannot run within these limits, which are not
// the ones it was loaded with, or within the host's budget.
func (h *Host) admits(p *Plugin, limits Limits) error {
	if err := limits.checkMinimum(p.facts.Minimum, h.config.Without); err != nil {
		return &LoadError{p.name, err.Error()}
	}
	if most := h.budget.forNew(); most >= 0 && p.facts.Minimum+p.facts.Fixed > most {
		return &LoadError{p.name, fmt.Sprintf("wants %s of memory, and %s is the budget of the host", bytesText(p.facts.Minimum+p.facts.Fixed), bytesText(h.budget.bytes))}
	}
	return nil
}

// Close frees the compiled code, once no route holds the plugin. No program of
// it may be running. It may be called twice.
func (p *Plugin) Close() error {
	if p.held.closed.Swap(true) {
		return nil
	}
	return p.release()
}

// Name is what the plugin was loaded as.
func (p *Plugin) Name() string { return p.name }

// Kind is what the plugin can be used for.
func (p *Plugin) Kind() module.Kind { return p.facts.Kind }

// Digest is the SHA-256 of the plugin's file, in hexadecimal.
func (p *Plugin) Digest() string { return p.digest }

// Size is the length of the plugin's file in bytes.
func (p *Plugin) Size() int { return p.size }

// want refuses a plugin of another kind, with the way to build the right one.
func (p *Plugin) want(kind module.Kind) error {
	switch {
	case p.facts.Kind == kind:
		return nil
	case kind == module.Handler:
		return &LoadError{p.name, "is a program, not a handler: run it with `sandsock run`, or build it to export handle (Go: -buildmode=c-shared)"}
	}
	return &LoadError{p.name, "is a handler, not a program: serve it with `sandsock serve`, or build it to export _start (Go: without -buildmode=c-shared)"}
}
