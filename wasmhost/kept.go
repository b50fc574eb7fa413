package wasmhost

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/tetratelabs/wazero"

	"github.com/sandsock/sandsock/wasmhost/codecache"
)

// key is what a file's native code is kept under: a digest of the file's own,
// of this program and processor, and of what the configuration has a say in:
// what is admitted, and how it is rewritten. It is nil where nothing is kept.
func (h *Host) key(digest string) *codecache.Key {
	c := h.config
	if h.cached == nil || !c.Cache.Keeps() || c.Without.has(DefenceAdmission) {
		return nil
	}
	identity, err := codecache.Identity()
	if err != nil {
		h.keepsNothing(err)
		return nil
	}
	key := codecache.Key(sha256.Sum256(fmt.Appendf(nil, "%x %s %+v %+v %v", identity, digest, c.Bounds, c.meterOptions(), c.functions())))
	return &key
}

// recall gets a file from the cache: what an earlier host found out about it,
// under the same key, and its native code. It is nil where there is nothing, or
// nothing whole, which is then no longer there.
func (h *Host) recall(ctx context.Context, name string, key *codecache.Key) (*facts, wazero.CompiledModule) {
	if key == nil {
		return nil, nil
	}
	h.loading.Lock()
	defer h.loading.Unlock()
	f, compiled, err := h.revive(ctx, *key)
	switch {
	case err == nil:
		return &f, compiled
	case !errors.Is(err, codecache.ErrNone):
		h.trouble(name, name+" is compiled again: what the cache has of it cannot be used: "+codecache.Cause(err).Error())
	}
	return nil, nil
}

func (h *Host) revive(ctx context.Context, key codecache.Key) (f facts, compiled wazero.CompiledModule, err error) {
	cache := h.config.Cache
	entry, err := cache.Get(key)
	if err != nil {
		return f, nil, err
	}
	bad := f.unmarshal(entry.Facts)
	if bad == nil {
		compiled, err = h.compileTaking(ctx, entry)
	}
	if err == codecache.ErrNotTaken {
		bad = err
	}
	if damaged := cache.Clear(); damaged != nil { // which was the reason for any other error
		bad = damaged
	}
	// Where only the engine failed the entry is as good as ever: there may have
	// been no memory for it, or no descriptor.
	if bad != nil {
		cache.Drop(key)
		err = bad
	}
	if err != nil && compiled != nil {
		err = errors.Join(err, compiled.Close(ctx))
		compiled = nil
	}
	return f, compiled, err
}

// compileTaking compiles a module of which the native code is there. It may
// return both, and the error of [codecache.Cache.Taken].
func (h *Host) compileTaking(ctx context.Context, e codecache.Entry) (wazero.CompiledModule, error) {
	compiled, err := compileModule(ctx, h.cached, e.Module)
	if err == nil {
		err = h.config.Cache.Taken(e.Name)
	}
	return compiled, err
}

// keep leaves a file's native code to hosts that come. That it fails is said
// once.
func (h *Host) keep(key codecache.Key, entry codecache.Entry, f facts) {
	var err error
	if entry.Facts, err = f.marshal(); err == nil {
		err = h.config.Cache.Put(key, entry)
	}
	if err != nil {
		h.keepsNothing(err)
	}
}

func (h *Host) keepsNothing(err error) {
	h.unkept.Do(func() { h.trouble("", "goes on without the cache: "+err.Error()) })
}
