package main

import (
	"context"
	"errors"
	"os"
	"slices"

	"github.com/sandsock/sandsock/wasmhost"
)

// compilingHost is a host that compiles files in other processes, and bundled
// plugins in this one.
type compilingHost struct {
	*wasmhost.Host
	cache string // a folder of this process's own; empty where there is none
}

// hostOf makes a host for plugins of those names.
func hostOf(config wasmhost.Config, names []string) (*compilingHost, error) {
	if slices.ContainsFunc(names, func(name string) bool { return !isBundled(name) }) {
		return hostWith(config, compiler{memory: compileMemory, wall: compileTime})
	}
	h := &compilingHost{}
	return h, h.open(config)
}

// hostWith makes one that has a compiler.
func hostWith(config wasmhost.Config, c compiler) (h *compilingHost, err error) {
	h = &compilingHost{}
	if h.cache, err = os.MkdirTemp("", "sandsock-*"); err != nil { // of mode 0700
		return nil, errors.New("no folder for compiled plugins can be made: " + systemText(err))
	}
	c.dir, config.CacheDir = h.cache, h.cache
	config.Compile = func(ctx context.Context, name string, file []byte) error {
		if isBundled(name) {
			return nil
		}
		return c.compile(ctx, name, file)
	}
	return h, h.open(config)
}

func (h *compilingHost) open(config wasmhost.Config) (err error) {
	if h.Host, err = wasmhost.New(config); err != nil {
		return errors.Join(err, h.removeCache())
	}
	return nil
}

// Close closes the host and removes what was compiled.
func (h *compilingHost) Close() error { return errors.Join(h.Host.Close(), h.removeCache()) }

func (h *compilingHost) removeCache() error {
	if h.cache == "" {
		return nil
	}
	return os.RemoveAll(h.cache)
}
