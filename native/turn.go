//go:build linux || darwin || freebsd

package native

import (
	"sync/atomic"
	"time"
)

// turn is a lock that can be waited for with a deadline. A sync.Mutex cannot,
// and a channel alone costs each call some 70 ns.
//
//	busy    the turn is taken
//	waiting how many wait for it
//	freed   holds a token after the turn was left while somebody waited
//
// Who leaves clears busy and then looks at waiting; who comes raises waiting
// and then tries busy. So one of the two sees the other. A token only tells to
// try again: another may have been quicker, and leaves a token in turn.
type turn struct {
	busy    atomic.Bool
	waiting atomic.Int32
	freed   chan struct{}
}

// enter takes the turn, and reports false if the deadline passed before; the
// zero deadline never does.
func (t *turn) enter(deadline time.Time) bool {
	if t.tryEnter() {
		return true
	}
	var over <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		over = timer.C
	}
	t.waiting.Add(1)
	defer t.waiting.Add(-1)
	for !t.tryEnter() {
		select {
		case <-t.freed:
		case <-over:
			return false
		}
	}
	return true
}

func (t *turn) tryEnter() bool { return t.busy.CompareAndSwap(false, true) }

func (t *turn) leave() {
	t.busy.Store(false)
	if t.waiting.Load() == 0 {
		return
	}
	select {
	case t.freed <- struct{}{}:
	default: // there is one already
	}
}
