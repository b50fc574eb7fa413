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
	return s.await(p, func() core.Errno {
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
	if p.mode == core.NonBlocking {
		return core.EINPROGRESS
	}
	return s.outcome()
}

// dial asks the listener at to for a connection. The lock is held.
func (s *socket) dial(to netip.AddrPort) core.Errno {
	if !s.network.owns(to.Addr()) {
		return core.ENETUNREACH
	}
	if err := s.autobind(); err != 0 {
		return core.EADDRNOTAVAIL
	}
	s.local = s.source(to.Addr())
	s.peer = to
	s.untold = true
	l := s.network.listenerAt(to)
	if l == nil {
		s.refuse()
		return 0
	}
	s.state, s.listener = connecting, l
	l.pending = append(l.pending, s)
	l.admit()
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
		return 0
	case refused:
		s.state = idle
		if err := s.takeError(); err != 0 {
			return err
		}
		return core.ECONNABORTED // SO_ERROR has taken the reason
	case connecting:
		return core.EAGAIN
	}
	return core.ECONNABORTED // a shutdown took the attempt back
}

func (s *socket) refuse() {
	s.state, s.listener = refused, nil
	s.forget()
	s.err = core.ECONNREFUSED
	s.wake()
}

// giveUp takes a client out of the queue it waits in. The lock is held.
func (s *socket) giveUp() {
	l := s.listener
	l.pending = slices.DeleteFunc(l.pending, func(o *socket) bool { return o == s })
	s.state, s.listener = idle, nil
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

// connectDatagram sets the peer a datagram socket sends to and hears from. A
// peer with port 0 is none.
func (s *socket) connectDatagram(to netip.AddrPort) core.Errno {
	ip := to.Addr()
	if !s.network.owns(ip) && !ip.IsMulticast() {
		return core.ENETUNREACH
	}
	if err := s.autobind(); err != 0 {
		return core.EADDRNOTAVAIL
	}
	s.forget()
	s.local = s.source(ip)
	if to.Port() != 0 {
		s.peer = to
	}
	return 0
}
