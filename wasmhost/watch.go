package wasmhost

import (
	"strings"
	"time"

	"github.com/sandsock/sandsock/core"
)

// This file stops the guests of a route that are over a limit of time. A timer
// looks at all of them now and then, so that a call that moves bytes has
// nothing to do for it but to count them; it does not run while the route has
// no guest.

// sighting is what the timer knows of a guest.
type sighting struct {
	version *version
	began   time.Time
	moved   int64     // bytes, when it last looked
	since   time.Time // when it first saw that many
}

// lookEvery is how often the timer looks: an eighth of the smallest limit, by
// which a stop may come late.
func (l Limits) lookEvery(typ core.Type) time.Duration {
	const soonest, latest = 10 * time.Millisecond, time.Second
	smallest := time.Duration(0)
	for _, d := range l.onTypes(typ) {
		if d > 0 && (smallest == 0 || d < smallest) {
			smallest = d
		}
	}
	if smallest == 0 {
		return 0
	}
	return min(max(smallest/8, soonest), latest)
}

// onTypes are the limits of time that a route of that type has.
func (l Limits) onTypes(typ core.Type) []time.Duration {
	if typ == core.SOCK_DGRAM {
		return []time.Duration{l.Total}
	}
	return []time.Duration{l.FirstByte, l.Idle, l.Total}
}

// lookEvery is as often as the strictest version needs that may have a guest.
// The lock is held.
func (r *Route) lookEvery() time.Duration {
	typ := r.Socket.Type()
	every := r.current.terms.Limits.lookEvery(typ)
	for v := range r.old {
		if d := v.terms.Limits.lookEvery(typ); d > 0 && (every == 0 || d < every) {
			every = d
		}
	}
	return every
}

// startWatch starts the timer, for the first guest. The lock is held.
func (r *Route) startWatch() {
	if !r.watching {
		r.watchAgain()
	}
}

// watchAgain sets the timer to when it looks next. The lock is held.
func (r *Route) watchAgain() {
	every := r.lookEvery()
	r.watching = every > 0 && len(r.guests) > 0
	switch {
	case !r.watching:
	case r.watch == nil:
		r.watch = time.AfterFunc(every, r.look)
	default:
		r.watch.Reset(every)
	}
}

// look stops the guests that are over a limit.
func (r *Route) look() {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	for g, w := range r.guests {
		if reason := r.overdue(g, w, now); reason != "" {
			g.stopAt(reason)
		}
	}
	r.watchAgain()
}

// overdue returns the limit that a guest is over; empty for none.
func (r *Route) overdue(g *instance, w *sighting, now time.Time) string {
	received := g.received.Load()
	if moved := received + g.sent.Load(); moved != w.moved {
		w.moved, w.since = moved, now
	}
	still := now.Sub(w.since)
	over := func(d, limit time.Duration) bool { return limit > 0 && d >= limit }
	l := &w.version.terms.Limits
	switch {
	case over(now.Sub(w.began), l.Total):
		return lived(l.Total)
	case r.Socket.Type() == core.SOCK_DGRAM:
		return ""
	case received == 0 && over(still, l.FirstByte):
		return "received no byte for " + durationText(l.FirstByte) + ", the limit of the first byte"
	case over(still, l.Idle):
		return "moved no byte for " + durationText(l.Idle) + ", the limit of idling"
	}
	return ""
}

func lived(limit time.Duration) string {
	return "ran for " + durationText(limit) + ", the limit in total"
}

// durationText is Go's without what is zero: 5m, not 5m0s.
func durationText(d time.Duration) string {
	text := d.String()
	for _, zero := range []string{"m0s", "h0m"} {
		if strings.HasSuffix(text, zero) {
			text = text[:len(text)-2]
		}
	}
	return text
}
