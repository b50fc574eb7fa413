package main

import (
	"io"
	"sync/atomic"
	"time"
)

// outlet writes lines in the order they come, and never makes wait who has one:
// when nobody reads the stream, what is above its room is dropped and counted.
type outlet struct {
	w       io.Writer
	lost    func(n int64) string // the line that says how many were dropped
	queue   chan string
	dropped atomic.Int64
	over    chan struct{}
}

// outletRoom is how many lines wait at most, each of some kilobytes at most.
const outletRoom = 1024

// outletPatience is how long the end waits for a reader.
const outletPatience = 2 * time.Second

func newOutlet(w io.Writer, lost func(n int64) string) *outlet {
	o := &outlet{w: w, lost: lost, queue: make(chan string, outletRoom), over: make(chan struct{})}
	go o.work()
	return o
}

// add takes a line with its end.
func (o *outlet) add(line string) {
	select {
	case o.queue <- line:
	default:
		o.dropped.Add(1)
	}
}

func (o *outlet) work() {
	defer close(o.over)
	for line := range o.queue {
		_, _ = io.WriteString(o.w, line)
		if len(o.queue) > 0 {
			continue // what was dropped came after these
		}
		if n := o.dropped.Swap(0); n > 0 {
			_, _ = io.WriteString(o.w, o.lost(n))
		}
	}
}

// close waits until all is written, and reports whether it was, in time. No
// line comes after.
func (o *outlet) close() bool {
	close(o.queue)
	late := time.NewTimer(outletPatience)
	defer late.Stop()
	select {
	case <-o.over:
		return true
	case <-late.C:
		return false
	}
}
