//go:build linux || darwin || freebsd

package native

import (
	"errors"
	"os"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// call makes o's system call, waiting in d for as long as the limit allows.
//
// A call without waiting goes by RawConn.Control, which takes no lock: it must
// not queue behind a goroutine that waits in the same direction. A timeout
// begins with such an attempt, since a deadline that has passed would keep
// RawConn from trying at all, and CPython does receive what is there however
// short the timeout; what CPython would not come to, isEarly tells. So does a
// canceled socket: what is there goes before.
//
// Cancelling is not lost, whenever it comes: the era is read when the call
// begins and again after the deadline is set, and SetCanceled changes the era
// before it sets its own deadline. So either the era differs, or the deadline
// in the past comes after ours. But what needs no wait is done all the same: a
// datagram that a guest answers as its socket is canceled must not be lost.
func (s *socket) call(d *direction, o *op, l limit) error {
	if !l.deadline.IsZero() {
		o.asks = d.events
	}
	if !l.blocks || !l.deadline.IsZero() || isCanceled(l.era) {
		if s.raw.Control(o.once) != nil {
			return core.EBADF
		}
		if o.err != unix.EAGAIN {
			return coreError(o.err)
		}
		if !l.blocks || isCanceled(l.era) {
			return s.refusal(l.era, core.EAGAIN)
		}
	}
	if !d.turn.enter(l.deadline) {
		return core.ErrTimeout
	}
	defer d.turn.leave()
	d.arm(l.deadline)
	err := s.park(d, o, l.era)
	if err == core.ECANCELED {
		return s.lastTry(o)
	}
	return err
}

// lastTry makes the call once more without waiting: a cancel may have come
// before it was made at all.
func (s *socket) lastTry(o *op) error {
	if s.raw.Control(o.once) != nil {
		return core.EBADF
	}
	if o.err == unix.EAGAIN {
		return core.ECANCELED
	}
	return coreError(o.err)
}

// park makes the call and waits while it is EAGAIN. The caller has the turn
// and has armed the direction.
func (s *socket) park(d *direction, o *op, era uint32) error {
	if err := s.refusal(era, nil); err != nil {
		return err
	}
	err := d.wait(o.ready)
	switch {
	case err == nil:
		return coreError(o.err)
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return core.EBADF
	case s.cancel.era.Load() != era:
		return core.ECANCELED
	}
	return core.ErrTimeout
}
