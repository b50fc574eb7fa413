package native

import (
	"net/netip"
	"sync/atomic"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

// socket is one Winsock handle, non-blocking whatever the mode.
//
// Linux remembers some things that Winsock does not, and what a guest sees is
// Linux's: how far a connect has come, that the peer has ended its direction,
// that a reset has been told. They are kept here.
type socket struct {
	family core.Family
	typ    core.Type
	proto  int
	fd     int
	base   windows.Handle // what the driver knows the socket by

	timeout atomic.Int64 // a time.Duration, as SetTimeout has it
	closed  atomic.Bool
	cancel  cancel
	hold    hold
	waiters waiters

	read, write direction // accept and receive; connect and send

	phase      atomic.Int32
	peerEnded  atomic.Bool // a receive returned the peer's end
	resetTold  atomic.Bool // a call returned ECONNRESET
	readEnded  atomic.Bool // by Shutdown
	writeEnded atomic.Bool // by Shutdown
}

// How far a socket has come.
const (
	phaseFresh = int32(iota)
	phaseConnecting
	phaseConnected
	phaseListening
)

// newSocket takes over a handle that openSocket or acceptSocket made.
func newSocket(fd int, family core.Family, typ core.Type, proto int) (core.Socket, error) {
	s := &socket{family: family, typ: typ, proto: proto, fd: fd, base: baseHandle(fd)}
	s.timeout.Store(int64(core.Blocking))
	s.read.socket, s.read.events = s, afdReceive|afdAccept|afdDisconnect|afdAbort|afdConnectFail
	s.write.socket, s.write.events = s, afdSend|afdAbort|afdConnectFail
	s.read.polls, s.write.polls = core.POLLIN, core.POLLOUT
	return s, nil
}

// Close is closesocket, and ends what waits in the socket with EBADF. It
// returns once no call holds the handle any more.
func (s *socket) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.interrupt()
	s.hold.close()
	return coreError(windows.Closesocket(windows.Handle(s.fd)))
}

// interrupt ends every wait in the socket.
func (s *socket) interrupt() { s.waiters.wake() }

// Shutdown is shutdown for our own direction. That of the peer ends here
// alone, which nobody sees on the wire, as on Linux: Winsock would lose what
// has come, and reset the connection (shutdown function, Remarks).
func (s *socket) Shutdown(how int) error {
	err := s.control(func(fd int) error {
		switch {
		case how < core.SHUT_RD || how > core.SHUT_RDWR:
			return core.EINVAL
		case s.isOver() || !s.isStarted():
			return core.ENOTCONN
		case how == core.SHUT_RD:
			return nil
		}
		return windows.Shutdown(windows.Handle(fd), core.SHUT_WR)
	})
	if err != nil {
		return err
	}
	if how != core.SHUT_RD {
		s.writeEnded.Store(true)
	}
	if how != core.SHUT_WR {
		s.readEnded.Store(true)
	}
	s.interrupt()
	return nil
}

// isOver reports whether a connection has ended in both directions, or by a
// reset that was told. Linux has no peer then.
func (s *socket) isOver() bool {
	return s.resetTold.Load() || s.peerEnded.Load() && s.writeEnded.Load()
}

// GetPeerName is getpeername.
func (s *socket) GetPeerName() (netip.AddrPort, error) {
	return s.name(func(fd windows.Handle) (windows.Sockaddr, error) {
		if s.isOver() {
			return nil, core.ENOTCONN
		}
		return windows.Getpeername(fd)
	})
}

// GetSockName is getsockname, which on Winsock is WSAEINVAL for a socket that
// has no address yet.
func (s *socket) GetSockName() (netip.AddrPort, error) {
	name, err := s.name(windows.Getsockname)
	if err == core.EINVAL {
		return netip.AddrPortFrom(core.Wildcard(s.family), 0), nil
	}
	return name, err
}

func (s *socket) name(call func(windows.Handle) (windows.Sockaddr, error)) (netip.AddrPort, error) {
	var name windows.Sockaddr
	err := s.control(func(fd int) (err error) {
		name, err = call(windows.Handle(fd))
		return err
	})
	if err != nil {
		return netip.AddrPort{}, err
	}
	return addrPortOf(name), nil
}

// control makes a call that never waits.
func (s *socket) control(call func(fd int) error) error {
	if !s.hold.enter() {
		return core.EBADF
	}
	defer s.hold.leave()
	return coreError(call(s.fd))
}
