package wasmhost

import (
	"context"
	"fmt"

	"github.com/tetratelabs/wazero"

	"github.com/sandsock/sandsock/wasmhost/meter"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// Plugin is a file that was loaded: checked, compiled, and ready for
// instances. It may be used from any number of goroutines and routes.
type Plugin struct {
	name    string
	kind    module.Kind
	size    int
	polls   bool   // see polls.go
	minimum int64  // bytes of memory an instance begins with
	fixed   int64  // bytes it costs beside
	fuel    string // the exported globals of package meter
	stack   string
	// snapshots says that instances begin from a snapshot, with what package
	// meter has injected for it.
	snapshots bool
	snapshot  meter.Snapshot
	engine    wazero.Runtime
	compiled  wazero.CompiledModule
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

// Load makes a plugin of a file's bytes. Name stands in front of every error
// and report. The error is a [*LoadError] where the file is at fault. Guest
// code does not run.
func (h *Host) Load(ctx context.Context, name string, file []byte) (*Plugin, error) {
	refuse := func(err error) (*Plugin, error) { return nil, &LoadError{name, err.Error()} }
	m, err := h.config.admit(file)
	if err != nil && h.config.Without.has(DefenceAdmission) {
		return h.compileAsItIs(ctx, name, file)
	}
	if err != nil {
		return refuse(err)
	}
	kind, err := h.config.Check(m)
	if err != nil {
		return refuse(err)
	}
	options := h.config.meterOptions()
	options.Snapshot = kind == module.Handler && !m.HasCustom(freshSection)
	metered := meter.Rewrite(m, options)
	engine, compiled, err := h.compile(ctx, name, metered.File)
	if err != nil {
		return refuse(err)
	}
	return &Plugin{name: name, kind: kind, size: len(file), polls: polls(m), engine: engine, compiled: compiled,
		minimum: minimumMemory(m), fixed: fixedCost(m), fuel: metered.Fuel, stack: metered.Stack,
		snapshots: options.Snapshot && metered.Snapshot.Unfit == "", snapshot: metered.Snapshot}, nil
}

// admit reads a file and checks all of it. Without [DefenceAdmission] function
// bodies are not looked at.
func (c Config) admit(file []byte) (*module.Module, error) {
	if c.Without.has(DefenceAdmission) {
		return module.Decode(file)
	}
	return module.Admit(file, c.Bounds)
}

// compileAsItIs is what a host without [DefenceAdmission] does with a file that
// is not even decoded: the engine gets it, as of any host that trusts it.
func (h *Host) compileAsItIs(ctx context.Context, name string, file []byte) (*Plugin, error) {
	engine, compiled, err := h.compile(ctx, name, file)
	if err != nil {
		return nil, &LoadError{name, err.Error()}
	}
	return &Plugin{name: name, kind: module.Handler, size: len(file), engine: engine, compiled: compiled}, nil
}

// Check tells what a decoded module is to a host of this configuration, or why
// it would be refused, short of what only the compiler sees.
func (c Config) Check(m *module.Module) (module.Kind, error) {
	kind, err := m.Kind()
	if err != nil {
		return module.Neither, err
	}
	if err := checkImports(m); err != nil {
		return module.Neither, err
	}
	return kind, c.checkMemory(m)
}

func (c Config) checkMemory(m *module.Module) error {
	limits := c.Limits.or(DefaultLimits())
	return limits.checkMinimum(minimumMemory(m), c.Without)
}

func minimumMemory(m *module.Module) int64 {
	memory, _ := m.MemoryType(0)
	return int64(memory.Min) * pageSize
}

func (l Limits) checkMinimum(minimum int64, without Defences) error {
	if limit := int64(l.pages(without)); minimum/pageSize > limit {
		return fmt.Errorf("wants %d pages of memory, and %d is the limit", minimum/pageSize, limit)
	}
	return nil
}

// admits refuses a plugin that cannot run within these limits, which are not
// the ones it was loaded with, or within the host's budget.
func (h *Host) admits(p *Plugin, limits Limits) error {
	if err := limits.checkMinimum(p.minimum, h.config.Without); err != nil {
		return &LoadError{p.name, err.Error()}
	}
	if most := h.budget.forNew(); most >= 0 && p.minimum+p.fixed > most {
		return &LoadError{p.name, fmt.Sprintf("wants %s of memory, and %s is the budget of the host", bytesText(p.minimum+p.fixed), bytesText(h.budget.bytes))}
	}
	return nil
}

// Close frees the compiled code. No instance of the plugin may be running.
func (p *Plugin) Close() error { return p.compiled.Close(context.Background()) }

// Name is what the plugin was loaded as.
func (p *Plugin) Name() string { return p.name }

// Kind is what the plugin can be used for.
func (p *Plugin) Kind() module.Kind { return p.kind }

// Size is the length of the plugin's file in bytes.
func (p *Plugin) Size() int { return p.size }

// want refuses a plugin of another kind, with the way to build the right one.
func (p *Plugin) want(kind module.Kind) error {
	switch {
	case p.kind == kind:
		return nil
	case kind == module.Handler:
		return &LoadError{p.name, "is a program, not a handler: run it with `sandsock run`, or build it to export handle (Go: -buildmode=c-shared)"}
	}
	return &LoadError{p.name, "is a handler, not a program: serve it with `sandsock serve`, or build it to export _start (Go: without -buildmode=c-shared)"}
}
