package wasmhost

import (
	"context"
	"errors"
	"fmt"
	"runtime"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/experimental"
)

// ErrNotKept is the error of [Compile] for a file that can be compiled, where
// the native code cannot be written to the cache, or read from it.
var ErrNotKept = errors.New("the compiled code cannot be kept")

// Compile compiles what [Config.Compile] was given into a cache's directory,
// for the host whose [Config.CacheDir] it is. The error is [ErrNotKept], or
// says why no engine takes the file. It is to be called in a process that is
// under limits: a file that passed admission takes at most the time and memory
// that [module.Bounds] states, and any other may take all there is.
func Compile(ctx context.Context, cacheDir string, file []byte) error {
	cache, err := wazero.NewCompilationCacheWithDir(cacheDir)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrNotKept, err)
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
	return fmt.Errorf("%w: %w", ErrNotKept, kept)
}

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

// compile makes native code of a plugin. With a cache it comes from there,
// where Config.Compile has put it. A cache that fails, such as one on a full
// disk, is done without: the file is compiled in this process.
func (h *Host) compile(ctx context.Context, name string, file []byte) (wazero.Runtime, wazero.CompiledModule, error) {
	kept, err := h.keep(ctx, name, file)
	if err != nil {
		return nil, nil, err
	}
	if h.cached != nil && kept == nil {
		var compiled wazero.CompiledModule
		if compiled, kept = compileModule(ctx, h.cached, file); kept == nil {
			return h.cached, compiled, nil
		}
	}
	plain, err := h.plain()
	if err != nil {
		return nil, nil, err
	}
	compiled, err := compileModule(ctx, plain, file)
	if err == nil && kept != nil {
		h.config.Report(Report{Event: EventTrouble, Handler: name,
			Error: name + " is served without the cache: " + kept.Error()})
	}
	return plain, compiled, err
}

// keep lets Config.Compile do its work. It returns apart an error of the cache,
// and one of the file.
func (h *Host) keep(ctx context.Context, name string, file []byte) (kept, err error) {
	if h.config.Compile == nil {
		return nil, nil
	}
	err = h.config.Compile(ctx, name, file)
	if errors.Is(err, ErrNotKept) {
		return err, nil
	}
	return nil, err
}
