package wasmhost

import (
	"fmt"
	"sync"
	"time"
)

// quarantine sets a handler aside that traps on every connection: so many
// times in a row, in so short a time. What comes meanwhile is closed at once.
// Then it is tried again, and a trap sets it aside for twice as long; a
// connection that ends without one lifts it. One trap between good ends counts
// for nothing, or a client who knows how to make a handler trap could close it
// to all others.
type quarantine struct {
	mu    sync.Mutex
	traps []time.Time   // in a row
	wait  time.Duration // how long the last time aside was; 0 where all is well
	until time.Time
}

const (
	trapsInARow = 5
	trapsWithin = 10 * time.Second
	firstAside  = time.Second
	lastAside   = time.Minute
)

// aside reports whether the handler is.
func (q *quarantine) aside(now time.Time) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return now.Before(q.until)
}

// well is told of an end without a trap.
func (q *quarantine) well() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.traps, q.wait, q.until = q.traps[:0], 0, time.Time{}
}

// trapped is told of a trap, and returns for how long it sets the handler
// aside; 0 where it does not.
func (q *quarantine) trapped(now time.Time) time.Duration {
	q.mu.Lock()
	defer q.mu.Unlock()
	if now.Before(q.until) { // it was at work before
		return 0
	}
	if q.wait == 0 {
		for len(q.traps) > 0 && now.Sub(q.traps[0]) >= trapsWithin {
			q.traps = q.traps[1:]
		}
		if q.traps = append(q.traps, now); len(q.traps) < trapsInARow {
			return 0
		}
	}
	q.wait = min(max(2*q.wait, firstAside), lastAside)
	q.traps, q.until = nil, now.Add(q.wait)
	return q.wait
}

// judge counts how a connection ended. Only what the handler itself did counts
// against it: not an error it returned, nor a client that sent nothing.
// Where a version is set aside, the one before takes over, if there is one.
func (r *Route) judge(v *version, g *instance, err error) {
	if !g.trapped(err) {
		v.quarantine.well()
		return
	}
	if r.host.config.Without.has(DefenceQuarantine) {
		return
	}
	if wait := v.quarantine.trapped(time.Now()); wait > 0 && !r.takeOver(v) {
		r.trouble(fmt.Sprintf("set aside for %v, since it traps again and again: what comes is closed at once", durationText(wait)))
	}
}

func (g *instance) trapped(err error) bool {
	switch err := err.(type) {
	case *Trap:
		return true
	case *Stopped:
		return err.Reason != "" && !g.blameless.Load()
	}
	return false
}
