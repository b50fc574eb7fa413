//go:build linux || darwin || freebsd || windows

package native

import (
	"time"

	"github.com/sandsock/sandsock/core"
)

// limit is how long one call may wait, which may be several system calls.
type limit struct {
	blocks   bool      // false: not at all
	deadline time.Time // zero: for ever
	era      uint32    // of the socket, when the call began
}

// limit returns what the socket's mode allows a call that begins now. With a
// timeout MSG_DONTWAIT counts for nothing: CPython waits before the call, and
// tries again when that gives EAGAIN.
func (s *socket) limit(flags int) limit {
	l := limit{era: s.cancel.era.Load()}
	d := time.Duration(s.timeout.Load())
	if d == core.NonBlocking || d < 0 && flags&core.MSG_DONTWAIT != 0 {
		return l
	}
	l.blocks = true
	if d > 0 {
		l.deadline = time.Now().Add(d)
	}
	return l
}

func (l limit) forEver() bool { return l.blocks && l.deadline.IsZero() }

// refusal returns the error of a call that cannot wait: that of the socket's
// state, or else the given one.
func (s *socket) refusal(era uint32, otherwise error) error {
	switch {
	case s.closed.Load():
		return core.EBADF
	case isCanceled(era) || s.cancel.era.Load() != era:
		return core.ECANCELED
	}
	return otherwise
}
