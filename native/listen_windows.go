package native

import (
	"math"
	"net/netip"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

// Bind is bind. Windows has no ports that need a right: WSAEACCES means that
// another has the port for itself alone, or that the system keeps it back.
func (s *socket) Bind(address netip.AddrPort) error {
	var room sockaddr
	to, err := room.set(s.family, address)
	if err != nil {
		return s.closedOr(err)
	}
	err = s.control(func(fd int) error { return windows.Bind(windows.Handle(fd), to) })
	if err == core.EACCES {
		return core.EADDRINUSE
	}
	return err
}

// Listen is listen with exactly this backlog, a negative one as 0: to Winsock
// a negative one is SOMAXCONN_HINT. A socket without an address gets one.
func (s *socket) Listen(backlog int) error {
	backlog = min(max(backlog, 0), math.MaxInt32)
	err := s.control(func(fd int) error { return s.listen(windows.Handle(fd), backlog) })
	if err == core.EISCONN {
		return core.EINVAL
	}
	return err
}

func (s *socket) listen(handle windows.Handle, backlog int) error {
	if s.typ != core.SOCK_STREAM {
		return windows.WSAEOPNOTSUPP // before what is missing else
	}
	if _, err := windows.Getsockname(handle); err == windows.WSAEINVAL {
		var room sockaddr
		to, _ := room.set(s.family, netip.AddrPortFrom(core.Wildcard(s.family), 0))
		if err := windows.Bind(handle, to); err != nil {
			return err
		}
	}
	if err := windows.Listen(handle, backlog); err != nil {
		return err
	}
	s.phase.Store(phaseListening)
	return nil
}

// Accept is accept. The connection blocks, whatever the listener's mode.
func (s *socket) Accept() (core.Socket, netip.AddrPort, error) {
	o := s.read.take()
	defer s.read.put(o)
	o.do = doAccept
	if err := s.call(&s.read, o, s.limit(0)); err != nil {
		return nil, netip.AddrPort{}, err
	}
	conn, err := newSocket(o.fd, s.family, s.typ, s.proto)
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	conn.(*socket).phase.Store(phaseConnected)
	return conn, addrPortOf(o.from), nil
}

// doAccept passes over a connection that was reset before it was accepted,
// which Winsock tells by WSAECONNRESET.
func doAccept(o *op, fd int) (err error) {
	for {
		if o.fd, o.from, err = acceptSocket(fd); err != windows.WSAECONNRESET {
			return err
		}
	}
}
