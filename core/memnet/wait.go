package memnet

import (
	"slices"
	"time"

	"github.com/sandsock/sandsock/core"
)

// waiter is a call that waits. It holds one signal, so that a wake between
// looking and waiting is not lost.
type waiter chan struct{}

// wake lets every call that waits in s look again. The lock is held. Nil, the
// other end of a connection that is gone, has none.
func (s *socket) wake() {
	if s == nil {
		return
	}
	for _, w := range s.waiters {
		select {
		case w <- struct{}{}:
		default:
		}
	}
}

func (s *socket) leave(w waiter) {
	if i := slices.Index(s.waiters, w); i >= 0 {
		s.waiters = slices.Delete(s.waiters, i, i+1)
	}
}

// patience is how long one call may wait. Its timer starts with the first
// wait but counts from the beginning of the call.
type patience struct {
	mode  time.Duration // what SetTimeout takes
	until time.Time
	timer *time.Timer
	over  bool
}

func newPatience(mode time.Duration) *patience {
	p := &patience{mode: mode}
	if mode > 0 {
		p.until = time.Now().Add(mode)
	}
	return p
}

// patience returns that of a call with these flags. MSG_DONTWAIT does nothing
// to a timeout: there CPython waits by poll(2), before the call has its flags.
func (s *socket) patience(flags int) *patience {
	s.network.mu.Lock()
	defer s.network.mu.Unlock()
	if flags&core.MSG_DONTWAIT != 0 && s.timeout < 0 {
		return newPatience(core.NonBlocking)
	}
	return newPatience(s.timeout)
}

// alarm returns a channel that fires when the patience is over, nil for one
// that never is.
func (p *patience) alarm() <-chan time.Time {
	if p.mode < 0 {
		return nil
	}
	if p.timer == nil {
		p.timer = time.NewTimer(time.Until(p.until))
	}
	return p.timer.C
}

// stop frees the timer. A patience may be used again after it, by the next
// send of a SendAll.
func (p *patience) stop() {
	if p.timer != nil {
		p.timer.Stop()
		p.timer = nil
	}
}

// await runs try, under the network's lock, until it returns something else
// than EAGAIN, and between two tries waits for a wake. What is there goes
// before a cancel and a timeout: these only end a wait.
//
// With a timeout a try comes only after poll(2) would have announced one of
// events, as in CPython's sock_call: a call that cannot succeed waits as long
// as one that may. 0 is for a call that does not poll first.
func (s *socket) await(p *patience, events int16, try func() core.Errno) core.Errno {
	s.network.mu.Lock()
	defer s.network.mu.Unlock()
	defer p.stop()
	before := s.cancels
	for {
		if s.closed {
			return core.EBADF
		}
		if p.mode <= 0 || s.announces(events) {
			if err := try(); err != core.EAGAIN {
				return err
			}
		}
		switch {
		case s.canceled || s.cancels != before: // maybe taken back since
			return core.ECANCELED
		case p.mode == core.NonBlocking:
			return core.EAGAIN
		case p.over:
			return core.ErrTimeout
		}
		s.sleep(p)
	}
}

func (s *socket) announces(events int16) bool {
	return events == 0 || s.events()&(events|core.POLLERR|core.POLLHUP) != 0
}

// sleep waits for a wake or the end of the patience. It is called with the
// lock held and gives it back meanwhile.
func (s *socket) sleep(p *patience) {
	w := make(waiter, 1)
	s.waiters = append(s.waiters, w)
	s.network.mu.Unlock()
	select {
	case <-w:
	case <-p.alarm():
		p.over = true
	}
	s.network.mu.Lock()
	s.leave(w)
}
