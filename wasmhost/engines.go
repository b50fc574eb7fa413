package wasmhost

import (
	"context"
	"errors"
	"sync"

	"github.com/tetratelabs/wazero"
)

// engines are the runtimes of a host: one that takes native code from the
// cache, and one that keeps nothing. Each has the host's functions, and a
// plugin's instances are made by the one that compiled it.
type engines struct {
	cached  wazero.Runtime // nil without a cache
	cache   wazero.CompilationCache
	loading sync.Mutex // of the cache's folder for the engine
	unkept  sync.Once  // see keepsNothing

	mu    sync.Mutex
	spare wazero.Runtime // see plain
}

// openEngines makes the runtime that the first plugin needs. A cache that
// cannot be opened is done without.
func (h *Host) openEngines() (err error) {
	if h.config.Cache == nil {
		_, err = h.plain()
		return err
	}
	h.cache, err = wazero.NewCompilationCacheWithDir(h.config.Cache.Dir())
	if err != nil {
		h.config.Report(Report{Event: EventTrouble, Error: "goes on without the cache: " + err.Error()})
		_, err = h.plain()
		return err
	}
	h.cached, err = h.newRuntime(engineConfig().WithCompilationCache(h.cache))
	return err
}

// plain returns the runtime that keeps nothing. It is made at the first need.
func (h *Host) plain() (r wazero.Runtime, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.spare == nil {
		h.spare, err = h.newRuntime(engineConfig())
	}
	return h.spare, err
}

func (h *Host) newRuntime(config wazero.RuntimeConfig) (wazero.Runtime, error) {
	ctx := context.Background()
	r := wazero.NewRuntimeWithConfig(ctx, config)
	if err := errors.Join(h.exportSocket(ctx, r), h.exportWASI(ctx, r), h.exportTick(ctx, r), h.exportFunctions(ctx, r)); err != nil {
		return nil, errors.Join(err, r.Close(ctx))
	}
	return r, nil
}

// close frees the compiled plugins.
func (e *engines) close() (err error) {
	ctx := context.Background()
	for _, r := range []wazero.Runtime{e.cached, e.spare} {
		if r != nil {
			err = errors.Join(err, r.Close(ctx))
		}
	}
	if e.cache != nil {
		err = errors.Join(err, e.cache.Close(ctx)) // after the runtimes: it has their code
	}
	return err
}
