//go:build linux || darwin || freebsd

package native

import (
	"math"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// Bind is bind(2).
func (s *socket) Bind(address netip.AddrPort) error {
	var room sockaddr
	to, err := room.set(s.family, address)
	if err != nil {
		return s.closedOr(err)
	}
	return s.control(func(fd int) error { return unix.Bind(fd, to) })
}

// Listen is listen(2) with exactly this backlog, a negative one as 0; the
// system has a ceiling of its own, net.core.somaxconn on Linux.
func (s *socket) Listen(backlog int) error {
	backlog = min(max(backlog, 0), math.MaxInt32)
	return s.control(func(fd int) error { return unix.Listen(fd, backlog) })
}

// Accept is accept(2). The connection blocks, whatever the listener's mode.
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
	return conn, addrPortOf(o.from), nil
}

func doAccept(o *op, fd int) (err error) {
	o.fd, o.from, err = acceptSocket(fd)
	return err
}
