package main

import (
	"path/filepath"
	"sync"

	"github.com/sandsock/sandsock/wasmhost"
)

// refusals remembers what was to be swapped in and could not be, for the status.
// Its methods may be called from any goroutine.
type refusals struct {
	next func(wasmhost.Report)

	mu     sync.Mutex
	routes map[string]refusal
}

// refusal is what is known of a route.
type refusal struct {
	count int64
	last  string // empty once a swap was done, or has no need to be
}

func newRefusals(next func(wasmhost.Report)) *refusals {
	return &refusals{next: next, routes: map[string]refusal{}}
}

// report takes note of a report and passes it on.
func (l *refusals) report(r wasmhost.Report) {
	if r.Event == wasmhost.EventRefused || r.Event == wasmhost.EventSwapped {
		l.note(r)
	}
	l.next(r)
}

func (l *refusals) note(r wasmhost.Report) {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.routes[r.Route]
	known.last = ""
	if r.Event == wasmhost.EventRefused {
		known = refusal{known.count + 1, filepath.Base(r.Handler) + ": " + r.Error}
	}
	l.routes[r.Route] = known
}

// heal forgets why the last swap was refused, and reports whether one was.
func (l *refusals) heal(route string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.routes[route]
	was := known.last != ""
	known.last = ""
	l.routes[route] = known
	return was
}

// forget forgets a route that is gone, and returns what was known of it.
func (l *refusals) forget(route string) refusal {
	l.mu.Lock()
	defer l.mu.Unlock()
	known := l.routes[route]
	delete(l.routes, route)
	return known
}

func (l *refusals) of(route string) refusal {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.routes[route]
}
