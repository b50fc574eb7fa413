package native

import (
	"net/netip"
	"syscall"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

// Connect begins with connect, and waits for its outcome as the mode says.
// Called again it gives what Linux gives, which Winsock does not: EALREADY
// while a connect is under way, success once for one that was not waited for
// to its end, EISCONN after. A port 0 is refused, as nobody listens there.
func (s *socket) Connect(address netip.AddrPort) error {
	o := s.write.take()
	defer s.write.put(o)
	to, err := o.room.set(s.family, address)
	if err != nil {
		return s.closedOr(err)
	}
	reachable(to)
	l := s.limit(0)
	switch err := s.control(func(fd int) error { return s.beginConnect(fd, to) }); {
	case err == core.EINPROGRESS && l.blocks, err == core.EALREADY && l.forEver():
	case err == core.EADDRNOTAVAIL && address.Port() == 0 && s.typ == core.SOCK_STREAM:
		return core.ECONNREFUSED
	default:
		return err
	}
	o.do = doConnected
	return s.call(&s.write, o, l)
}

// ConnectEx is Connect as Python's connect_ex has it: a timeout is EAGAIN.
func (s *socket) ConnectEx(address netip.AddrPort) core.Errno {
	err := s.Connect(address)
	if err == core.ErrTimeout {
		return core.EAGAIN
	}
	return core.AsErrno(err)
}

func (s *socket) beginConnect(fd int, to windows.Sockaddr) error {
	switch s.phase.Load() {
	case phaseConnecting:
		if err := s.outcome(fd); err != errWait {
			return err
		}
		return core.EALREADY
	case phaseListening: // Winsock has WSAEINVAL
		return core.EISCONN
	}
	switch err := windows.Connect(windows.Handle(fd), to); err {
	case nil:
		s.phase.Store(phaseConnected)
		if s.typ == core.SOCK_DGRAM {
			tellUnreachable(windows.Handle(fd), true)
		}
		return nil
	case windows.WSAEWOULDBLOCK:
		s.phase.Store(phaseConnecting)
		return core.EINPROGRESS
	default:
		return err
	}
}

func doConnected(o *op, fd int) error { return o.socket.outcome(fd) }

// outcome takes the outcome of a connect that is under way, errWait if there
// is none yet. After a refusal the socket may try again (connect function,
// Remarks).
func (s *socket) outcome(fd int) error {
	found, err := s.look(afdSend | afdAbort | afdConnectFail)
	switch {
	case err != nil:
		return err
	case found&(afdAbort|afdConnectFail) != 0:
		return s.failure(fd)
	case found == 0:
		return errWait
	}
	s.phase.Store(phaseConnected)
	return nil
}

// failure takes the error of a connect that has failed. Where another call
// took it first, it is a refusal still.
func (s *socket) failure(fd int) error {
	s.phase.Store(phaseFresh)
	if err := pendingError(fd); err != nil {
		return err
	}
	return windows.WSAECONNREFUSED
}

func pendingError(fd int) error {
	number, err := windows.GetsockoptInt(windows.Handle(fd), windows.SOL_SOCKET, soError)
	if err != nil || number == 0 {
		return err
	}
	return syscall.Errno(number)
}

// unconnected is what a send or a receive does on WSAENOTCONN. While a connect
// is under way it waits for its outcome, as on Linux.
func (s *socket) unconnected(fd int, otherwise error) error {
	if s.phase.Load() != phaseConnecting {
		return otherwise
	}
	found, err := s.look(afdAbort | afdConnectFail)
	switch {
	case err != nil:
		return err
	case found != 0:
		return s.failure(fd)
	}
	return errWait
}
