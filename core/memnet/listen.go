package memnet

import (
	"net/netip"
	"slices"

	"github.com/sandsock/sandsock/core"
)

func (s *socket) Listen(backlog int) error {
	if _, err := s.enter("listen"); err != 0 {
		return err
	}
	return s.locked(func() core.Errno { return s.listen(max(backlog, 0)) })
}

func (s *socket) listen(backlog int) core.Errno {
	switch {
	case !s.stream():
		return core.ENOTSUP
	case s.state != idle && s.state != listening:
		return core.EINVAL
	case s.state == idle:
		if err := s.startListening(); err != 0 {
			return err
		}
	}
	s.backlog = backlog
	s.admit()
	s.wake()
	return 0
}

func (s *socket) startListening() core.Errno {
	if err := s.autobind(); err != 0 {
		return err
	}
	s.state = listening
	if s.network.clashes(s) {
		s.state = idle
		return core.EADDRINUSE
	}
	return 0
}

// stopListening resets the connections that were not accepted and refuses
// the clients that wait. The lock is held.
func (s *socket) stopListening() {
	for _, a := range s.arrivals {
		a.abandon(true)
		s.network.release(a)
	}
	for _, c := range s.pending {
		c.refuse()
	}
	s.arrivals, s.pending = nil, nil
	s.disconnect()
}

// admit makes connections of the clients that wait while there is room: one
// more than the backlog, as on Linux. The lock is held.
func (s *socket) admit() {
	for len(s.pending) > 0 && len(s.arrivals) <= s.backlog {
		c := s.pending[0]
		s.pending = slices.Delete(s.pending, 0, 1)
		s.establish(c)
	}
}

// establish makes the connection that client c asked listener s for. The
// accepted end has the listener's options, and what a shutdown before listen
// has ended is ended there too. The lock is held.
func (s *socket) establish(c *socket) {
	a := s.network.newSocket(s.family, s.typ, s.proto)
	a.inherit(s)
	a.local, a.peer = c.peer, c.local
	a.state, c.state = connected, connected
	a.other, c.other = c, a
	c.listener = nil
	s.network.enroll(a)
	a.noRead = s.noRead
	if s.noWrite {
		a.finish()
	}
	s.arrivals = append(s.arrivals, a)
	s.wake()
	c.wake()
}

func (s *socket) Accept() (core.Socket, netip.AddrPort, error) {
	if _, err := s.enter("accept"); err != 0 {
		return nil, netip.AddrPort{}, err
	}
	var conn *socket
	err := s.await(s.patience(0), core.POLLIN, func() (err core.Errno) {
		conn, err = s.accept()
		return err
	})
	if err != 0 {
		return nil, netip.AddrPort{}, err
	}
	return conn, conn.show(conn.peer), nil
}

func (s *socket) accept() (*socket, core.Errno) {
	switch {
	case !s.stream():
		return nil, core.ENOTSUP
	case s.state != listening:
		return nil, core.EINVAL
	case len(s.arrivals) == 0:
		return nil, core.EAGAIN
	}
	conn := s.arrivals[0]
	s.arrivals = slices.Delete(s.arrivals, 0, 1)
	conn.fileno = s.network.takeFileno()
	s.admit()
	return conn, 0
}

// listenerAt returns who listens at a wire address: one bound to the very
// address before one bound to the wildcard, else the earlier. The lock is
// held.
func (n *Network) listenerAt(at netip.AddrPort) *socket {
	var found *socket
	for _, s := range n.bound[portKey{core.SOCK_STREAM, at.Port()}] {
		switch {
		case s.state != listening || !s.covers(at.Addr()):
		case s.local.Addr() == at.Addr():
			return s
		case found == nil:
			found = s
		}
	}
	return found
}
