package wasmhost

import (
	"cmp"
	"fmt"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sandsock/sandsock/wasmhost/image"
)

// This file is for a budget that is promised more than once. An instance that
// begins from an image may write all of it, and most write a few pages: to set
// aside the whole for each would refuse ten connections where there is room for
// hundreds. So beyond what all could write, connections come for as long as the
// process has room, by the kernel's count, which a timer goes on to watch: if
// those that are there write what they had not, the ones that wrote most are
// stopped.

// pressure is what the kernel counts of the process.
type pressure struct {
	// private is the process's own memory in bytes; nil where nobody counts it:
	// then nothing is promised twice.
	private func() int64
	base    int64        // of that, what the process had before
	had     atomic.Int64 // when it was last looked at, less base
	looked  atomic.Int64 // when that was, in Unix nanoseconds

	relieve func() (more bool) // what the timer does
	swept   time.Time          // when garbage was last collected for it; the timer's

	mu       sync.Mutex
	timer    *time.Timer
	watching bool
	asked    bool // to watch, since the timer began to look
}

const (
	looksEvery  = 20 * time.Millisecond // how old a count may be, and how often the timer looks
	sweepsEvery = time.Second
)

// begin is called once, before there are instances.
func (p *pressure) begin(relieve func() (more bool)) {
	if _, counts := image.Private(); !counts {
		return
	}
	p.private = func() int64 { n, _ := image.Private(); return n }
	p.base, p.relieve = p.private(), relieve
}

// look counts anew.
func (p *pressure) look() int64 {
	had := p.private() - p.base
	p.had.Store(had)
	p.looked.Store(time.Now().UnixNano())
	return had
}

// allows reports whether the process has room for so many bytes more. Who takes
// them calls watch then.
func (p *pressure) allows(more, limit int64) bool {
	if p.private == nil {
		return false
	}
	had := p.had.Load()
	if time.Now().UnixNano()-p.looked.Load() > int64(looksEvery) {
		had = p.look()
	}
	return had+more <= limit
}

// watch has the timer look at what was taken before: at least once from now on,
// and for as long as that is too much.
func (p *pressure) watch() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = true
	switch {
	case p.watching:
		return
	case p.timer == nil:
		p.timer = time.AfterFunc(looksEvery, p.tick)
	default:
		p.timer.Reset(looksEvery)
	}
	p.watching = true
}

// tick looks, and goes on where it is to, or where somebody has asked meanwhile,
// of whose part it may have seen nothing yet.
func (p *pressure) tick() {
	p.mu.Lock()
	p.asked = false
	p.mu.Unlock()
	more := p.relieve()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.watching = more || p.asked; p.watching {
		p.timer.Reset(looksEvery)
	}
}

// sweep collects garbage, unless that was done a moment ago.
func (p *pressure) sweep() {
	if now := time.Now(); now.Sub(p.swept) > sweepsEvery {
		p.swept = now
		debug.FreeOSMemory()
	}
}

// relievePressure stops the guests that have written most, where the process
// has more than the budget and not because of garbage. It reports whether it
// is to be called again: while all could write more than there is.
func (h *Host) relievePressure() (more bool) {
	b := &h.budget
	if b.used.Load() <= b.bytes {
		return false
	}
	had := b.pressure.look()
	if had > b.bytes {
		b.pressure.sweep()
		had = b.pressure.look()
	}
	if had > b.bytes {
		h.stopLargest(had - b.forNew())
	}
	return true
}

// imageWriter is a guest, and what it has written of its image.
type imageWriter struct {
	route *Route
	guest *instance
	bytes int64
}

// stopLargest stops guests that have written so much together. What those have
// that were stopped before counts, for it is on its way back.
func (h *Host) stopLargest(bytes int64) {
	var all []imageWriter
	for r := range h.routes.each() {
		all = r.imageWriters(all)
	}
	slices.SortFunc(all, func(a, b imageWriter) int { return cmp.Compare(b.bytes, a.bytes) })
	for _, w := range all {
		if bytes <= 0 {
			return
		}
		w.route.stopWriter(w, h.budget.bytes)
		bytes -= w.bytes
	}
}

func (r *Route) imageWriters(all []imageWriter) []imageWriter {
	r.mu.Lock()
	defer r.mu.Unlock()
	for g := range r.guests {
		if c := g.copied.Load(); c != nil { // it is closed after the guest has left
			all = append(all, imageWriter{r, g, int64(c.Written())})
		}
	}
	return all
}

// stopWriter stops a guest that is still at work.
func (r *Route) stopWriter(w imageWriter, budget int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, works := r.guests[w.guest]; works {
		w.guest.stop(&Stopped{fmt.Sprintf("%s of memory is the budget of the host, and it had written %d KiB", bytesText(budget), w.bytes>>10)})
	}
}
