package memnet

import (
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

func (s *socket) Send(p []byte, flags int) (int, error) {
	return taken(s.send("send", p, flags, nil, nil))
}

// taken is a send's result: after some bytes were taken no error counts.
func taken(n int, err core.Errno) (int, error) {
	if n > 0 {
		return n, nil
	}
	return 0, asError(err)
}

// SendTo ignores the address on a stream, as Linux does.
func (s *socket) SendTo(p []byte, flags int, address netip.AddrPort) (int, error) {
	return taken(s.send("sendto", p, flags, &address, nil))
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
// socket's own. A stream may have taken a part and end with an error.
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

// sendDatagram gives s a port before anything is asked, as inet_sendmsg does.
func (s *socket) sendDatagram(p []byte, address *netip.AddrPort, wait *patience) (n int, err core.Errno) {
	err = s.await(wait, core.POLLOUT, func() (err core.Errno) {
		if s.autobind() != 0 {
			return core.EAGAIN
		}
		to := s.peer
		if address != nil {
			if to, err = s.destination(*address); err != 0 {
				return err
			}
			if to.Port() == 0 {
				return core.EINVAL
			}
		}
		n, err = s.writeDatagram(p, to)
		return err
	})
	return n, err
}

// sendStream waits until something of p is taken. A socket that blocks waits
// for all of p, as on Linux; what ends that wait returns with the count.
func (s *socket) sendStream(p []byte, wait *patience) (sent int, err core.Errno) {
	err = s.await(wait, core.POLLOUT, func() core.Errno {
		if sent > 0 && (s.err != 0 || s.noWrite) {
			return 0 // an error stays for the next call
		}
		n, err := s.writeStream(p[sent:])
		sent += n
		if err == 0 && wait.mode < 0 && sent < len(p) {
			return core.EAGAIN
		}
		return err
	})
	return sent, err
}
