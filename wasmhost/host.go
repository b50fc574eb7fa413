package wasmhost

import (
	"context"
	"errors"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/core"
)

// Config is what a [Host] is made of. Only Network is required.
type Config struct {
	// Network makes the sockets that are lent to guests.
	Network core.Network

	// Report is told what happens: see [Report]. It is called from the
	// goroutine in which it happens, from several at once. Nil for nobody.
	Report func(Report)

	// Memory is the most linear memory one instance may have, in bytes,
	// rounded down to pages of 64 KiB. 0 is 64 MiB.
	Memory uint64

	// Sockets is how many sockets one instance may have open. 0 is 16.
	Sockets int
}

const (
	pageSize       = 65536
	defaultMemory  = 64 << 20
	defaultSockets = 16
)

func (c Config) withDefaults() (Config, error) {
	switch {
	case c.Network == nil:
		return c, errors.New("wasmhost: Config.Network is required")
	case c.Memory > 4<<30:
		return c, errors.New("wasmhost: Config.Memory is above 4 GiB")
	case c.Sockets < 0:
		return c, errors.New("wasmhost: Config.Sockets is negative")
	}
	if c.Memory == 0 {
		c.Memory = defaultMemory
	}
	if c.Sockets == 0 {
		c.Sockets = defaultSockets
	}
	if c.Report == nil {
		c.Report = func(Report) {}
	}
	return c, nil
}

// Host runs plugins. It may be used from any number of goroutines.
type Host struct {
	config  Config
	runtime wazero.Runtime
	started time.Time // the zero of the guests' monotonic clock
}

// New makes a host. Close it when every route and program has ended.
func New(config Config) (*Host, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	ctx := context.Background()
	h := &Host{
		config:  config,
		runtime: wazero.NewRuntimeWithConfig(ctx, runtimeConfig(config)),
		started: time.Now(),
	}
	if err := errors.Join(h.exportSocket(ctx), h.exportWASI(ctx)); err != nil {
		return nil, errors.Join(err, h.Close())
	}
	return h, nil
}

func runtimeConfig(config Config) wazero.RuntimeConfig {
	return wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2).
		WithMemoryLimitPages(uint32(config.Memory / pageSize)).
		WithDebugInfoEnabled(false)
}

// Close frees the compiled plugins. No instance may be running: drain the
// routes first.
func (h *Host) Close() error { return h.runtime.Close(context.Background()) }
