package main

import (
	"bytes"
	"slices"
	"sync"
	"time"

	"github.com/sandsock/sandsock/core"
)

// side is whose call it is.
type side int

const (
	server side = iota
	client
)

func (s side) other() side { return 1 - s }

// tracedCall is one call, from its first event to its last.
type tracedCall struct {
	side
	core.Event // the last one that came
	began      time.Time
}

// recorder keeps the calls of both sides in the order they began.
type recorder struct {
	accepting chan struct{} // closed when an accept has begun

	mu    sync.Mutex
	calls []*tracedCall
	once  sync.Once // closes accepting
}

func newRecorder() *recorder { return &recorder{accepting: make(chan struct{})} }

// of returns what a trace of that side reports to.
func (r *recorder) of(s side) func(core.Event) {
	return func(e core.Event) {
		e.Data = bytes.Clone(e.Data)
		r.add(s, e)
		if e.Call == "accept" {
			r.once.Do(func() { close(r.accepting) })
		}
	}
}

func (r *recorder) add(s side, e core.Event) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !e.Ended {
		r.calls = append(r.calls, &tracedCall{side: s, Event: e, began: e.At})
		return
	}
	for _, c := range slices.Backward(r.calls) {
		if c.side == s && c.Socket == e.Socket && c.Call == e.Call && !c.Ended {
			c.Event = e
			return
		}
	}
}

// finished returns the calls in order, without those that were canceled:
// with them the command ends the server, which waits for a next client.
func (r *recorder) finished() []*tracedCall {
	r.mu.Lock()
	defer r.mu.Unlock()
	var calls []*tracedCall
	for _, c := range r.calls {
		if c.Ended && c.Err != core.ECANCELED {
			calls = append(calls, c)
		}
	}
	slices.SortStableFunc(calls, func(a, b *tracedCall) int { return a.began.Compare(b.began) })
	return calls
}

// received returns how many bytes arrived, on either side.
func received(calls []*tracedCall) (n int) {
	for _, c := range calls {
		if c.Call == "recv" || c.Call == "recvfrom" {
			n += c.N
		}
	}
	return n
}

// leftOpen returns how many sockets were made or accepted and not closed.
func leftOpen(calls []*tracedCall) (n int) {
	for _, c := range calls {
		switch {
		case c.Err != nil:
		case c.Call == "socket" || c.Call == "accept":
			n++
		case c.Call == "close":
			n--
		}
	}
	return n
}
