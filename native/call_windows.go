package native

import (
	"time"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

// call makes o's call, and again whenever the socket becomes ready in d, for
// as long as the limit allows. The first attempt comes before everything: what
// is there is given, however short the timeout, and to a canceled socket too.
func (s *socket) call(d *direction, o *op, l limit) error {
	for {
		if !s.hold.enter() {
			return core.EBADF
		}
		err := o.do(o, s.fd)
		if !l.deadline.IsZero() && s.isEarly(d, err) {
			err = errWait
		}
		s.hold.leave()
		if err != errWait {
			return coreError(err)
		}
		if !l.blocks || isCanceled(l.era) {
			return s.refusal(l.era, core.EAGAIN)
		}
		if err := s.await(d.events, o.pause, l); err != nil {
			return err
		}
	}
}

// isEarly is isEarly where Linux's poll(2) has nothing; the caller has entered
// hold.
func (s *socket) isEarly(d *direction, err error) bool {
	if err == nil || !isEarly(coreErrno(err)) {
		return false
	}
	found, err := s.look(d.events)
	return err == nil && s.revents(d.polls, found) == 0
}

// await waits for the events, or for a pause at most. A cancel is not lost:
// it changes the era and then wakes who waits, and this joins those who wait
// and then looks at the era.
func (s *socket) await(events uint32, pause time.Duration, l limit) error {
	woken := make(chan struct{}, 1)
	s.waiters.add(woken)
	defer s.waiters.remove(woken)
	if err := s.refusal(l.era, nil); err != nil {
		return err
	}
	var w *watch
	deadline, pauses := l.deadline, false
	if pause > 0 {
		if end := time.Now().Add(pause); deadline.IsZero() || end.Before(deadline) {
			deadline, pauses = end, true
		}
	} else {
		var err error
		if w, err = s.watch(events); err != nil {
			return s.refusal(l.era, coreError(err))
		}
	}
	if !w.wait(woken, nil, deadline) && !pauses {
		return core.ErrTimeout
	}
	return s.refusal(l.era, nil)
}

func (s *socket) watch(events uint32) (*watch, error) {
	if !s.hold.enter() {
		return nil, core.EBADF
	}
	defer s.hold.leave()
	return startWatch(map[windows.Handle]uint32{s.base: events})
}

// look returns what holds now of the events; the caller has entered hold.
func (s *socket) look(events uint32) (uint32, error) {
	found, err := lookAfd(map[windows.Handle]uint32{s.base: events})
	return found[s.base], err
}
