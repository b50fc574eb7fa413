package wasmhost

import (
	"cmp"
	"context"
	"errors"
	"sync/atomic"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost/codecache"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// Config is what a [Host] is made of. Only Network is required.
type Config struct {
	// Network makes the sockets that are lent to guests.
	Network core.Network

	// Report is told what happens: see [Report]. It is called from the
	// goroutine in which it happens, from several at once. Nil for nobody.
	Report func(Report)

	// Limits are those of every plugin that has none of its own.
	Limits Limits

	// Budget is how many bytes of memory all instances may have together: their
	// linear memory, and what each costs beside it. A new connection is refused
	// before it is reached, and memory that would grow beyond it does not. On
	// Linux what an instance shares with its plugin's snapshot does not count;
	// where those that are there write more of it than there is room for, the
	// ones that wrote most are stopped. 2 GiB; negative for no limit.
	Budget int64

	// Instances is how many there may be at once; a connection above is refused.
	// 100,000; negative for no limit.
	Instances int

	// Cache is where native code comes from. It stays the caller's, to be closed
	// after the host, and is one host's. Nil for none.
	Cache *codecache.Cache

	// Compile is called by [Host.Load] with what the host is about to compile,
	// rewritten. It is to call the function [Compile] with that and dir in a
	// process of its own, where the compiler can be ended. Its error, one
	// sentence without the name, is why the plugin is refused, unless it is
	// [ErrNotKept]. It is called from the goroutines that load, several at once,
	// each with a dir of its own. Nil for none: then what Bounds admit is compiled
	// in this process. It needs Cache.
	Compile func(ctx context.Context, dir, name string, file []byte) error

	// Functions are what plugins may import beside the contract's.
	Functions []Function

	// Bounds are how large a file may be to be admitted. They bound what
	// compiling it costs.
	Bounds module.Bounds

	// Without leaves defences out, to show what would happen: see [Defences].
	Without Defences
}

// The defaults of [Config].
const (
	DefaultBudget    = 2 << 30
	DefaultInstances = 100_000
)

func (c Config) withDefaults() (Config, error) {
	switch {
	case c.Network == nil:
		return c, errors.New("wasmhost: Config.Network is required")
	case c.Compile != nil && c.Cache == nil:
		return c, errors.New("wasmhost: Config.Compile needs Config.Cache")
	}
	c.Limits = c.Limits.or(DefaultLimits())
	c.Budget = cmp.Or(c.Budget, DefaultBudget)
	c.Instances = cmp.Or(c.Instances, DefaultInstances)
	if c.Report == nil {
		c.Report = func(Report) {}
	}
	return c, errors.Join(c.Limits.check(), c.checkFunctions())
}

// Host runs plugins. It may be used from any number of goroutines.
type Host struct {
	engines
	config  Config
	turns   *turns    // nil where the host does without
	started time.Time // the zero of the guests' monotonic clock
	asking  chan struct{}
	budget  budget
	routes  routes
	loaded  atomic.Int64 // plugins: see held.go
}

// New makes a host. Close it when every route and program has ended. The error
// says which field of the configuration cannot be.
func New(config Config) (*Host, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	h := &Host{
		config:  config,
		started: time.Now(),
		asking:  make(chan struct{}, lookUpsAtOnce),
	}
	h.budget.bytes, h.budget.most = config.Budget, int64(config.Instances)
	h.budget.pressure.begin(h.relievePressure)
	if config.Without.has(DefenceMemory) {
		h.budget.bytes = -1
	}
	if !config.Without.has(DefenceTurns) {
		h.turns = newTurns()
	}
	if err := h.openEngines(); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

// Close frees the compiled plugins. No instance may be running: drain the
// routes first.
func (h *Host) Close() error { return h.engines.close() }
