//go:build linux || darwin || freebsd || windows

package native

import (
	"net/netip"
	"time"

	"github.com/sandsock/sandsock/core"
)

// Recv is recv(2). For an empty p it does nothing, as in CPython, so that 0
// bytes do not look like the end.
func (s *socket) Recv(p []byte, flags int) (int, error) {
	flags, err := core.CheckFlags(flags)
	if err != nil || len(p) == 0 {
		return 0, s.closedOr(err)
	}
	o := s.read.take()
	defer s.read.put(o)
	o.do = doRecv
	return s.receive(o, p, flags)
}

// RecvFrom is recvfrom(2); the address is the zero one on a stream.
func (s *socket) RecvFrom(p []byte, flags int) (int, netip.AddrPort, error) {
	flags, err := core.CheckFlags(flags)
	if err != nil {
		return 0, netip.AddrPort{}, s.closedOr(err)
	}
	o := s.read.take()
	defer s.read.put(o)
	o.do = doRecvFrom
	n, err := s.receive(o, p, flags)
	if err != nil || s.typ == core.SOCK_STREAM {
		return n, netip.AddrPort{}, err
	}
	return n, addrPortOf(o.from), nil
}

func (s *socket) receive(o *op, p []byte, flags int) (int, error) {
	l := s.limit(flags)
	all := flags&core.MSG_WAITALL != 0 && s.typ == core.SOCK_STREAM && l.forEver()
	switch {
	case all && flags&core.MSG_PEEK != 0:
		o.do = doPeekAll
	case all:
		o.do = doRecvAll
	}
	if s.typ == core.SOCK_STREAM || l.forEver() {
		o.over = &s.readEnded
	}
	o.p, o.flags = p, flags&core.MSG_PEEK // the rest is done above the system call
	err := s.call(&s.read, o, l)
	if err != nil && o.n == 0 {
		return 0, err
	}
	return o.n, nil
}

// Send is send(2) with MSG_NOSIGNAL, and returns how much the system took. On
// a stream in blocking mode that is all, or what it took before an error or a
// cancel, as on a blocking descriptor of Linux.
func (s *socket) Send(p []byte, flags int) (int, error) {
	flags, err := core.CheckFlags(flags)
	if err != nil {
		return 0, s.closedOr(err)
	}
	o := s.write.take()
	defer s.write.put(o)
	o.do = doSend
	return s.sendWhole(o, p, s.limit(flags))
}

// SendAll is Send until all is taken, within one timeout. An empty p is sent
// too, as in CPython: it can be a datagram, and tells of a broken pipe.
func (s *socket) SendAll(p []byte, flags int) error {
	flags, err := core.CheckFlags(flags)
	if err != nil {
		return s.closedOr(err)
	}
	l := s.limit(flags)
	for {
		n, err := s.send(p, l)
		if err != nil || n == len(p) {
			return err
		}
		if p = p[n:]; !l.deadline.IsZero() && !time.Now().Before(l.deadline) {
			return core.ErrTimeout
		}
	}
}

// SendTo is sendto(2).
func (s *socket) SendTo(p []byte, flags int, address netip.AddrPort) (int, error) {
	flags, err := core.CheckFlags(flags)
	if err != nil {
		return 0, s.closedOr(err)
	}
	o := s.write.take()
	defer s.write.put(o)
	if o.to, err = o.room.set(s.family, address); err != nil {
		return 0, s.closedOr(err)
	}
	o.do = doSendTo
	return s.sendWhole(o, p, s.limit(flags))
}

func (s *socket) sendWhole(o *op, p []byte, l limit) (int, error) {
	if s.typ == core.SOCK_STREAM && l.forEver() {
		o.do = doSendAll
	}
	return s.sendOp(o, p, l)
}

func (s *socket) send(p []byte, l limit) (int, error) {
	o := s.write.take()
	defer s.write.put(o)
	o.do = doSend
	return s.sendOp(o, p, l)
}

func (s *socket) sendOp(o *op, p []byte, l limit) (int, error) {
	o.p = p
	if err := s.call(&s.write, o, l); err != nil && o.n == 0 {
		return 0, err
	}
	return o.n, nil
}
