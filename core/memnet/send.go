package memnet

import (
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

func (s *socket) Send(p []byte, flags int) (int, error) {
	n, err := s.send("send", p, flags, nil, nil)
	return n, asError(err)
}

// SendTo ignores the address on a stream, as Linux does.
func (s *socket) SendTo(p []byte, flags int, address netip.AddrPort) (int, error) {
	n, err := s.send("sendto", p, flags, &address, nil)
	return n, asError(err)
}

// SendAll is one send after the other, each of which a fault may meet.
func (s *socket) SendAll(p []byte, flags int) error {
	wait := s.patience(flags)
	for {
		n, err := s.send("send", p, flags, nil, wait)
		if err != 0 {
			return err
		}
		p = p[n:]
		if len(p) == 0 {
			return nil
		}
	}
}

// send sends p once, to the peer where address is nil. A nil wait is the
// socket's own.
func (s *socket) send(call string, p []byte, flags int, address *netip.AddrPort, wait *patience) (int, core.Errno) {
	flags, bad := core.CheckFlags(flags)
	fault, err := s.enter(call)
	switch {
	case err != 0:
		return 0, err
	case bad != nil:
		return 0, core.AsErrno(bad)
	}
	if address != nil {
		if _, err := s.wire(*address); err != 0 {
			return 0, err
		}
	}
	if wait == nil {
		wait = s.patience(flags)
	}
	if s.stream() {
		return s.sendStream(fault.cut(p), wait)
	}
	return s.sendDatagram(p, address, wait)
}

func (s *socket) sendDatagram(p []byte, address *netip.AddrPort, wait *patience) (n int, err core.Errno) {
	err = s.await(wait, func() (err core.Errno) {
		to := s.peer
		if address != nil {
			if to, err = s.destination(*address); err != 0 {
				return err
			}
		}
		n, err = s.writeDatagram(p, to)
		return err
	})
	return n, err
}

// sendStream waits until something of p is taken, in blocking mode too: there
// Linux would wait for all of it, but a caller may not count on that.
func (s *socket) sendStream(p []byte, wait *patience) (n int, err core.Errno) {
	err = s.await(wait, func() (err core.Errno) {
		n, err = s.writeStream(p)
		return err
	})
	return n, err
}
