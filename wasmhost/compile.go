package wasmhost

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"runtime"
	"sync"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"

	"github.com/sandsock/sandsock/wasmhost/codecache"
)

// ErrNotKept is the error of [Compile] for a file that can be compiled, where
// the native code cannot be written to the cache, or read from it.
var ErrNotKept = errors.New("the compiled code cannot be kept")

// Compile compiles what [Config.Compile] was given into the folder it was given;
// without a folder for nothing but to see whether it can be. The error is
// [ErrNotKept], or says why no engine takes the file. It is to be called in a
// process that is under limits: a file that passed admission takes at most the
// time and memory that [module.Bounds] states, and any other may take all there
// is.
func Compile(ctx context.Context, dir string, file []byte) error {
	if dir == "" {
		return tryCompile(ctx, engineConfig(), file)
	}
	cache, err := wazero.NewCompilationCacheWithDir(dir)
	if err != nil {
		return notKept(err)
	}
	defer cache.Close(ctx)
	config := engineConfig()
	kept := tryCompile(ctx, config.WithCompilationCache(cache), file)
	if kept == nil {
		return nil
	}
	if err := tryCompile(ctx, config, file); err != nil {
		return err
	}
	return notKept(kept)
}

func notKept(err error) error { return fmt.Errorf("%w: %w", ErrNotKept, codecache.Cause(err)) }

func tryCompile(ctx context.Context, config wazero.RuntimeConfig, file []byte) error {
	r := wazero.NewRuntimeWithConfig(ctx, config)
	defer r.Close(ctx)
	_, err := compileModule(ctx, r, file)
	return err
}

// engineConfig is what native code depends on: that of the process which
// compiles it and of the one which runs it are the same. It leaves the limit of
// a memory to [space].
func engineConfig() wazero.RuntimeConfig {
	return wazero.NewRuntimeConfig().
		WithCoreFeatures(api.CoreFeaturesV2).
		WithMemoryLimitPages(maxPages).
		WithDebugInfoEnabled(false)
}

func compileModule(ctx context.Context, r wazero.Runtime, file []byte) (wazero.CompiledModule, error) {
	compiled, err := r.CompileModule(experimental.WithCompilationWorkers(ctx, runtime.GOMAXPROCS(0)), file)
	if err != nil {
		return nil, fmt.Errorf("is not valid: %w", err)
	}
	return compiled, nil
}

// compile makes native code of a plugin. With a cache it comes from there, and
// stays there under the key, where it has one. A cache that fails, such as one
// on a full disk, is done without: the file is compiled in this process.
func (h *Host) compile(ctx context.Context, name string, p prepared, key *codecache.Key) (wazero.Runtime, wazero.CompiledModule, error) {
	var kept error
	if h.cached != nil {
		compiled, err := h.compileCached(ctx, name, p, key)
		if !errors.Is(err, ErrNotKept) {
			return h.cached, compiled, err
		}
		kept = err
	}
	plain, err := h.plain()
	if err != nil {
		return nil, nil, err
	}
	compiled, err := compileModule(ctx, plain, p.module)
	if err == nil && kept != nil {
		h.trouble(name, name+" is served without the cache: "+kept.Error())
	}
	return plain, compiled, err
}

// compileCached has the file compiled into a folder made for it, and takes the
// native code from there. An error of the cache, where the file is not at
// fault, is [ErrNotKept].
func (h *Host) compileCached(ctx context.Context, name string, p prepared, key *codecache.Key) (wazero.CompiledModule, error) {
	cache := h.config.Cache
	dir, err := cache.Fresh()
	if err != nil {
		return nil, notKept(err)
	}
	if err := h.compileInto(ctx, dir, name, p.module); err != nil {
		cache.Remove(dir)
		return nil, err
	}
	h.loading.Lock()
	defer h.loading.Unlock()
	entry := codecache.Entry{Module: p.module}
	if entry.Name, err = cache.Take(dir); err != nil {
		return nil, notKept(err)
	}
	defer cache.Clear()
	var keeping sync.WaitGroup // beside the engine: either takes a while
	if key != nil {
		keeping.Go(func() { h.keep(*key, entry, p.facts) })
	}
	compiled, err := h.compileTaking(ctx, entry)
	keeping.Wait()
	var system *fs.PathError // which is no fault of the code
	if key != nil && err != nil && !errors.As(err, &system) {
		cache.Drop(*key)
	}
	switch {
	case compiled == nil:
		return nil, notKept(err)
	case err == codecache.ErrNotTaken:
		h.trouble(name, name+" was compiled in this process: the engine does not take what another has compiled")
	}
	return compiled, nil
}

func (h *Host) compileInto(ctx context.Context, dir, name string, file []byte) error {
	if h.config.Compile == nil {
		return Compile(ctx, dir, file)
	}
	return h.config.Compile(ctx, dir, name, file)
}

func (h *Host) trouble(name, text string) {
	h.config.Report(Report{Event: EventTrouble, Handler: name, Error: text})
}
