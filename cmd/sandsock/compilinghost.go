package main

import (
	"context"
	"errors"
	"slices"

	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/codecache"
)

// compilingHost is a host that compiles files in other processes, and bundled
// plugins in this one, and keeps what came of it.
type compilingHost struct {
	*wasmhost.Host
	cache    *codecache.Cache // nil where there is none
	compiler *spareCompiler   // nil where all is compiled in this process
}

// hostOf makes a host for plugins of those names.
func hostOf(config wasmhost.Config, names []string, cache cacheFlags) (*compilingHost, error) {
	if slices.ContainsFunc(names, gainsByCache) {
		return hostOfAny(config, cache)
	}
	return hostAlone(config)
}

// hostOfAny makes one for whatever file may come.
func hostOfAny(config wasmhost.Config, cache cacheFlags) (*compilingHost, error) {
	return hostWith(config, compiler{memory: compileMemory, wall: compileTime}, cache)
}

// hostAlone makes one that compiles all in this process.
func hostAlone(config wasmhost.Config) (*compilingHost, error) {
	h := &compilingHost{}
	return h, h.open(config)
}

// tiny is the size of a bundled plugin, in bytes, that is compiled sooner than
// found.
const tiny = 16 << 10

func gainsByCache(name string) bool {
	size, _ := plugins.Size(name)
	return !isBundled(name) || size > tiny
}

// hostWith makes one that has a compiler.
func hostWith(config wasmhost.Config, c compiler, cache cacheFlags) (h *compilingHost, err error) {
	h = &compilingHost{compiler: &spareCompiler{compiler: c}}
	if h.cache, err = cache.open(config.Report); err != nil {
		return nil, err
	}
	config.Cache = h.cache
	config.Compile = func(ctx context.Context, dir, name string, file []byte) error {
		if isBundled(name) {
			return wasmhost.Compile(ctx, dir, file)
		}
		return h.compiler.compile(ctx, dir, file)
	}
	return h, h.open(config)
}

// expectFiles makes ready for files that come while it serves.
func (h *compilingHost) expectFiles() {
	if h.compiler != nil {
		h.compiler.keep()
	}
}

func (h *compilingHost) open(config wasmhost.Config) (err error) {
	if h.Host, err = wasmhost.New(config); err != nil {
		return errors.Join(err, h.closeCache())
	}
	return nil
}

// Close closes the host and removes what was compiled for this process only.
func (h *compilingHost) Close() error {
	if h.compiler != nil {
		h.compiler.close()
	}
	return errors.Join(h.Host.Close(), h.closeCache())
}

func (h *compilingHost) closeCache() error {
	if h.cache == nil {
		return nil
	}
	return h.cache.Close()
}
