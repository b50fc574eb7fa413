package memnet

import (
	"net/netip"
	"slices"

	"github.com/sandsock/sandsock/core"
)

func (s *socket) Connect(address netip.AddrPort) error {
	return asError(s.connect(address))
}

func (s *socket) ConnectEx(address netip.AddrPort) core.Errno {
	err := s.connect(address)
	if err == core.ErrTimeout {
		return core.EAGAIN
	}
	return err
}

func (s *socket) connect(address netip.AddrPort) core.Errno {
	if _, err := s.enter("connect"); err != 0 {
		return err
	}
	p := s.patience(0)
	begun := false
	return s.await(p, 0, func() core.Errno {
		if begun && p.mode > 0 {
			return s.polled()
		}
		if begun {
			return s.outcome()
		}
		begun = true
		to, err := s.destination(address)
		switch {
		case err != 0:
			return err
		case !s.stream():
			return s.connectDatagram(to)
		}
		return s.connectStream(to, p)
	})
}

// connectStream begins to connect, or goes on with what an earlier call
// began. The lock is held.
func (s *socket) connectStream(to netip.AddrPort, p *patience) core.Errno {
	switch s.state {
	case listening:
		return core.EISCONN
	case connected, refused:
		return s.outcome()
	case connecting:
		if p.mode >= 0 {
			return core.EALREADY
		}
		return core.EAGAIN
	}
	if err := s.dial(to); err != 0 {
		return err
	}
	switch {
	case p.mode == core.NonBlocking:
		return core.EINPROGRESS
	case p.mode > 0:
		return s.polled()
	}
	return s.outcome()
}

// polled is how CPython learns of the end of a connect with a timeout: by
// poll(2) and SO_ERROR. So the kernel has not told it to a connect, and the
// next one gets it. The lock is held.
func (s *socket) polled() core.Errno {
	if s.state == connecting {
		return core.EAGAIN
	}
	return s.takeError()
}

// dial asks the listener at to for a connection. The lock is held.
func (s *socket) dial(to netip.AddrPort) core.Errno {
	if !s.network.owns(to.Addr()) {
		return core.ENETUNREACH
	}
	bound := s.holds
	if err := s.autobind(); err != 0 {
		return core.EADDRNOTAVAIL
	}
	s.local = s.source(to.Addr())
	s.peer = to
	s.untold = true
	s.err = 0
	switch l := s.network.listenerAt(to); {
	case l != nil:
		s.state, s.listener = connecting, l
		l.pending = append(l.pending, s)
		l.admit()
	case bound && to == s.local: // its own SYN meets it, RFC 9293, section 3.5
		s.state, s.other = connected, s
	default:
		s.refuse()
	}
	return 0
}

// outcome tells once how a connect ended, and EAGAIN before it has. The lock
// is held.
func (s *socket) outcome() core.Errno {
	switch s.state {
	case connected:
		if !s.untold {
			return core.EISCONN
		}
		s.untold = false
		if s.gone { // reset before anybody was told that it was there
			s.disconnect()
			return s.reason()
		}
		return 0
	case refused:
		s.disconnect()
	case connecting:
		return core.EAGAIN
	}
	return s.reason() // maybe that a shutdown took the attempt back
}

// reason takes the error of a connect that has failed. The lock is held.
func (s *socket) reason() core.Errno {
	if err := s.takeError(); err != 0 {
		return err
	}
	return core.ECONNABORTED // SO_ERROR has taken the reason
}

func (s *socket) refuse() {
	s.state, s.listener = refused, nil
	s.err = core.ECONNREFUSED
	s.noRead, s.noWrite = true, true // until the caller is told
	s.losePort()
	s.wake()
}

// giveUp takes a client out of the queue it waits in. The lock is held.
func (s *socket) giveUp() {
	l := s.listener
	l.pending = slices.DeleteFunc(l.pending, func(o *socket) bool { return o == s })
	s.listener = nil
	s.err = core.ECONNRESET
	s.disconnect()
}

// disconnect makes s a socket that can connect anew, as tcp_disconnect does:
// what a shutdown has ended is open again. The lock is held.
func (s *socket) disconnect() {
	s.state = idle
	s.noRead, s.noWrite = false, false
	s.losePort()
	s.forget()
	s.wake()
}

// forget takes back the addresses a connect gave, but not the port. The lock
// is held.
func (s *socket) forget() {
	s.peer = netip.AddrPort{}
	if !s.named {
		s.local = netip.AddrPortFrom(s.wildcard(), s.local.Port())
	}
}

// connectDatagram sets the peer a datagram socket sends to and hears from.
func (s *socket) connectDatagram(to netip.AddrPort) core.Errno {
	ip := to.Addr()
	if !s.network.owns(ip) && !ip.IsMulticast() {
		return core.ENETUNREACH
	}
	if err := s.autobind(); err != 0 {
		return core.EADDRNOTAVAIL
	}
	s.forget()
	if s.local.Addr().IsUnspecified() {
		s.local = s.source(ip)
	}
	s.peer = to
	return 0
}
