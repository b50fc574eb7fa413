package wasmhost

import (
	"time"

	"github.com/sandsock/sandsock/core"
)

const (
	subscriptionSize = 48
	eventSize        = 32
	maxSubscriptions = 2 * core.PollMax // a read and a write each, and a clock

	eventClock = 0
	eventRead  = 1
	eventWrite = 2

	eventHangup = 1 // event_rw_flags: fd_readwrite_hangup
	clockAbs    = 1 // subclockflags: abstime
)

// subscription is one of poll_oneoff's, taken out of the guest's memory.
type subscription struct {
	userdata uint64
	kind     byte
	fd       int32

	deadline time.Time  // of a clock
	errno    core.Errno // settled before anything is waited for
	ready    bool
	hangup   bool
}

// pollOneoff waits until one of the guest's subscriptions has something to
// say: a clock has come to its time, a descriptor can be read or written.
func pollOneoff(g *instance, a args) error {
	count := a.u32(2)
	if count == 0 || count > maxSubscriptions {
		return core.EINVAL
	}
	in, err := g.region(a.u32(0), count, subscriptionSize)
	if err != nil {
		return err
	}
	out, err := g.region(a.u32(1), count, eventSize)
	if err != nil {
		return err
	}
	result, err := g.bytes(a.u32(3), 4)
	if err != nil {
		return err
	}
	g.pay(len(in))
	list := g.subscriptions(in)
	if err := g.await(list); err != nil {
		return err
	}
	little.PutUint32(result, storeEvents(out, list))
	return nil
}

func (g *instance) subscriptions(in []byte) []subscription {
	now := time.Now()
	list := make([]subscription, len(in)/subscriptionSize)
	for i := range list {
		raw, s := in[i*subscriptionSize:], &list[i]
		s.userdata, s.kind = little.Uint64(raw), raw[8]
		switch s.kind {
		case eventClock:
			s.errno = s.setClock(g, now, little.Uint32(raw[16:]), little.Uint64(raw[24:]), little.Uint16(raw[40:]))
		case eventRead, eventWrite:
			s.fd = int32(little.Uint32(raw[16:]))
			s.settleStream(g)
		default:
			s.errno = core.EINVAL
		}
	}
	return list
}

// setClock turns a clock's subscription into the moment it ends.
func (s *subscription) setClock(g *instance, now time.Time, clock uint32, timeout uint64, flags uint16) core.Errno {
	if flags&clockAbs != 0 {
		base, err := g.now(clock)
		if err != nil {
			return core.AsErrno(err)
		}
		timeout -= min(base, timeout)
	} else if clock > clockLast {
		return core.EINVAL
	}
	s.deadline = now.Add(time.Duration(min(timeout, 1<<62)))
	return 0
}

// settleStream answers for what is no socket: the standard streams, of which
// only input can make wait, and a number that is not open.
func (s *subscription) settleStream(g *instance) {
	switch d := g.table.get(s.fd); {
	case d == nil:
		s.errno = core.EBADF
	case d.socket != nil && g.initializing:
		s.errno = core.EPERM
	case d.socket != nil:
	case d.stream == stdin && s.kind == eventRead:
		s.ready = g.input.ask() == nil
	default:
		s.ready = true
	}
}

func (s *subscription) settled() bool { return s.errno != 0 || s.ready }

// await waits for the first of the list and marks those that are ready.
func (g *instance) await(list []subscription) error {
	timeout, fds, filled := g.waits(list)
	came, err := g.wait(fds, timeout, filled)
	switch {
	case core.AsErrno(err) == core.ECANCELED && g.stopped.Load() == nil:
		// A route that drains cancels the socket it lent, not the guest: that
		// is the descriptor's news, and no failure of the call.
		markCanceled(list, fds)
		return nil
	case err != nil:
		return err
	}
	if came {
		g.markInput(list)
	}
	if ready := markReady(list, fds); g.seeded != nil && !ready && timeout > 0 {
		g.seeded.slept += timeout
	}
	return nil
}

func markCanceled(list []subscription, fds []core.PollFd) {
	for i := range list {
		if fds[i].Socket != nil {
			list[i].errno = core.ECANCELED
		}
	}
}

// waits returns how long to wait, what for, and the channel of the standard
// input where it is waited for too.
func (g *instance) waits(list []subscription) (time.Duration, []core.PollFd, <-chan []byte) {
	timeout, fds := core.Blocking, make([]core.PollFd, len(list))
	var filled <-chan []byte
	for i := range list {
		s := &list[i]
		switch {
		case s.settled():
			timeout = 0
		case s.kind == eventClock:
			if left := max(time.Until(s.deadline), 0); timeout < 0 || left < timeout {
				timeout = left
			}
		default:
			if d := g.table.get(s.fd); d.socket != nil {
				fds[i] = core.PollFd{Socket: d.socket, Events: pollEvents(s.kind)}
			} else {
				filled = g.input.ask()
			}
		}
	}
	return timeout, fds, filled
}

func pollEvents(kind byte) int16 {
	if kind == eventRead {
		return core.POLLIN
	}
	return core.POLLOUT
}

func (g *instance) markInput(list []subscription) {
	for i := range list {
		if s := &list[i]; s.kind == eventRead && s.errno == 0 {
			if d := g.table.get(s.fd); d.stream == stdin {
				s.ready = true
			}
		}
	}
}

// markReady marks the descriptors that have events, and the clocks that have
// come to their time. It reports whether a descriptor has.
func markReady(list []subscription, fds []core.PollFd) (ready bool) {
	now := time.Now()
	for i := range list {
		s := &list[i]
		switch {
		case s.settled():
		case s.kind == eventClock:
			s.ready = !s.deadline.After(now)
		case fds[i].Revents&core.POLLNVAL != 0:
			s.errno = core.EBADF
		case fds[i].Revents != 0:
			s.ready, ready = true, true
			s.hangup = fds[i].Revents&core.POLLHUP != 0
		}
	}
	return ready
}

// storeEvents stores an event for each that is settled and returns how many.
func storeEvents(out []byte, list []subscription) (n uint32) {
	clear(out)
	for i := range list {
		s := &list[i]
		if !s.settled() {
			continue
		}
		event := out[n*eventSize:]
		little.PutUint64(event, s.userdata)
		little.PutUint16(event[8:], uint16(s.errno))
		event[10] = s.kind
		if s.kind != eventClock && s.errno == 0 {
			little.PutUint64(event[16:], 1) // at least one byte
		}
		if s.hangup {
			event[24] = eventHangup
		}
		n++
	}
	return n
}
