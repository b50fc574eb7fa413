package memnet

import (
	"time"

	"github.com/sandsock/sandsock/core"
)

// Fault is what shall go wrong in one call. The zero value is nothing.
//
// The calls are bind, listen, accept, connect, recv, recvfrom, send, sendto
// and shutdown; connect stands for ConnectEx too, and SendAll asks as send
// before every send it makes. A call on a closed socket is not asked about.
type Fault struct {
	// Delay is how long the call waits before it begins. The socket's own
	// timeout does not count it, but Close and SetCanceled end it.
	Delay time.Duration

	// Err, when not zero, is the call's error; the call does nothing.
	Err core.Errno

	// Reset resets the connection before the call, at both ends, as a box in
	// between can. A call at either end gets ECONNRESET.
	Reset bool

	// Max, when not zero, is the most bytes that a receive or a send on a
	// stream moves in this call.
	Max int
}

// cut bounds p by Max.
func (f Fault) cut(p []byte) []byte {
	if f.Max > 0 && f.Max < len(p) {
		return p[:f.Max]
	}
	return p
}

// enter is the boundary of a call: it asks for the fault, and does all of it
// but Max.
func (s *socket) enter(call string) (Fault, core.Errno) {
	fileno := s.Fileno()
	if fileno < 0 {
		return Fault{}, core.EBADF
	}
	if s.network.Faults == nil {
		return Fault{}, 0
	}
	f := s.network.Faults(call, fileno)
	if f.Delay > 0 {
		if err := s.pause(f.Delay); err != 0 {
			return f, err
		}
	}
	if f.Reset {
		s.cutOff()
	}
	return f, f.Err
}

func (s *socket) pause(d time.Duration) core.Errno {
	err := s.await(newPatience(d), 0, func() core.Errno { return core.EAGAIN })
	if err == core.ErrTimeout {
		return 0
	}
	return err
}

func (s *socket) cutOff() {
	s.network.mu.Lock()
	defer s.network.mu.Unlock()
	if s.state == connected {
		s.other.reset()
		s.reset()
	}
}
