package wasmhost

import (
	"context"
	"encoding/hex"
	"sync/atomic"

	"github.com/sandsock/sandsock/wasmhost/steps"
)

// held counts who has a use for a plugin's compiled code: whoever loaded it,
// until that closes it, and every version of a route.
type held struct {
	host   *Host
	more   atomic.Int64 // holders beside the first; -1 when the code is freed
	closed atomic.Bool  // by whoever loaded it
}

// Loaded is how many plugins there are whose compiled code is in memory.
func (h *Host) Loaded() int { return int(h.loaded.Load()) }

// hold is the first, by whoever loaded the plugin.
func (h *Host) hold(p *Plugin) {
	p.held.host = h
	h.loaded.Add(1)
}

// retain holds the plugin: false where nobody does any more.
func (p *Plugin) retain() bool {
	for {
		n := p.held.more.Load()
		if n < 0 {
			return false
		}
		if p.held.more.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// release ends a hold. The last one frees the compiled code, of which then no
// instance may be running. Of no plugin it does nothing.
func (p *Plugin) release() error {
	if p == nil || p.held.more.Add(-1) >= 0 {
		return nil
	}
	p.held.host.loaded.Add(-1)
	return p.compiled.Close(context.Background())
}

// Digest is a file's SHA-256, in hexadecimal, as [Plugin.Digest] has it.
func Digest(file []byte) string {
	sum := steps.Sum256(file)
	return hex.EncodeToString(sum[:])
}
