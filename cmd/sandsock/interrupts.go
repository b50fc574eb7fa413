package main

import (
	"context"
	"os"
	"os/signal"
	"sync"
	"syscall"
)

// interrupts is the one place where signals arrive. The first asks for a good
// end, the second for an end at once. After that the system's own way is put
// back: a third ends the process, should a plugin hold it.
type interrupts struct {
	drain, cut context.Context // done at the first, and at the second
	begin      func()          // does what the first does; again it does nothing
	finish     func()          // does what both do
	release    func()          // ends the watch
}

func watch(signals <-chan os.Signal) *interrupts {
	drain, drainNow := context.WithCancelCause(context.Background())
	cut, cutNow := context.WithCancelCause(context.Background())
	over, gone := make(chan struct{}), make(chan struct{})
	asked, both := make(chan struct{}, 1), make(chan struct{})
	go func() {
		defer close(gone)
		first := asked
		for _, interrupt := range []context.CancelCauseFunc{drainNow, cutNow} {
			select {
			case <-signals:
			case <-first:
			case <-both:
			case <-over:
				return
			}
			first = nil
			interrupt(errInterrupted)
		}
		signal.Reset(os.Interrupt, syscall.SIGTERM)
	}()
	begin := func() {
		select {
		case asked <- struct{}{}:
		default:
		}
	}
	finish := sync.OnceFunc(func() { close(both) })
	return &interrupts{drain: drain, cut: cut, begin: begin, finish: finish, release: func() {
		close(over)
		<-gone
		drainNow(nil)
		cutNow(nil)
	}}
}

// orInterrupted returns the interrupt rather than what came of it.
func (i *interrupts) orInterrupted(err error) error {
	if i.drain.Err() != nil {
		return context.Cause(i.drain)
	}
	return err
}
