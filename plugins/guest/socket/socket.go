package socket

import (
	"math"
	"net/netip"
	"time"
	"unsafe"

	"github.com/sandsock/sandsock/core"
)

// conn is a socket the host keeps for this guest. A slice goes to the host as
// the address of its first byte: the collector cannot run during the call,
// and does not move what it keeps, so the address holds.
type conn struct {
	fd       int32 // -1 once closed
	kind     kind
	canceled bool
}

// kind is what a socket was made with. It is unknown, the zero value, for a
// descriptor that came from outside, until somebody asks.
type kind struct {
	family core.Family
	typ    core.Type
	proto  int
}

// FromFD returns the socket behind a descriptor this guest was given, as the
// argument of handle is. It does not look whether the descriptor is open:
// where it is not, the socket's calls are EBADF.
func FromFD(fd int32) core.Socket { return &conn{fd: fd} }

func (s *conn) Family() core.Family { return s.describe().family }
func (s *conn) Type() core.Type     { return s.describe().typ }
func (s *conn) Proto() int          { return s.describe().proto }

// describe asks the host for the kind where it is unknown. Once closed, a
// socket whose kind was never asked for has none.
func (s *conn) describe() kind {
	if s.kind == (kind{}) && s.fd >= 0 {
		family, _ := core.GetInt(s, core.SOL_SOCKET, core.SO_DOMAIN)
		typ, _ := core.GetInt(s, core.SOL_SOCKET, core.SO_TYPE)
		proto, _ := core.GetInt(s, core.SOL_SOCKET, core.SO_PROTOCOL)
		s.kind = kind{core.Family(family), core.Type(typ), proto}
	}
	return s.kind
}

// enter begins a call that may wait. On a canceled socket it must not, so the
// mode becomes non-blocking; the result is the mode to put back, in seconds,
// and NaN otherwise.
func (s *conn) enter() float64 {
	if !s.canceled {
		return math.NaN()
	}
	mode := hostGettimeout(s.fd)
	hostSettimeout(s.fd, 0)
	return mode
}

// leave ends the call and returns its result: ECANCELED where it found
// nothing, and where it would have waited but for enter.
func (s *conn) leave(mode float64, result int32) int32 {
	if math.IsNaN(mode) {
		return result
	}
	hostSettimeout(s.fd, mode)
	switch {
	case result == -int32(core.EAGAIN):
		return -int32(core.ECANCELED)
	case result == -int32(core.EINPROGRESS) && mode != 0:
		return -int32(core.ECANCELED)
	}
	return result
}

func (s *conn) Bind(address netip.AddrPort) error {
	var room addressText
	text := core.AppendAddress(room[:0], address)
	return failure(hostBind(s.fd, unsafe.SliceData(text), size(text)))
}

func (s *conn) Listen(backlog int) error {
	return failure(hostListen(s.fd, clamp(backlog)))
}

func (s *conn) Accept() (core.Socket, netip.AddrPort, error) {
	mode := s.enter()
	var text addressText
	var length uint32
	fd := s.leave(mode, hostAccept(s.fd, &text[0], size(text[:]), &length))
	if fd < 0 {
		return nil, netip.AddrPort{}, failure(fd)
	}
	accepted := &conn{fd: fd, kind: s.kind}
	peer, err := text.parse(length)
	if err != nil {
		accepted.Close()
		return nil, netip.AddrPort{}, err
	}
	return accepted, peer, nil
}

func (s *conn) Connect(address netip.AddrPort) error {
	mode := s.enter()
	var room addressText
	text := core.AppendAddress(room[:0], address)
	return failure(s.leave(mode, hostConnect(s.fd, unsafe.SliceData(text), size(text))))
}

func (s *conn) ConnectEx(address netip.AddrPort) core.Errno {
	mode := s.enter()
	var room addressText
	text := core.AppendAddress(room[:0], address)
	return core.Errno(-s.leave(mode, hostConnectEx(s.fd, unsafe.SliceData(text), size(text))))
}

func (s *conn) Recv(p []byte, flags int) (int, error) {
	mode := s.enter()
	return count(s.leave(mode, hostRecv(s.fd, unsafe.SliceData(p), size(p), clamp(flags))))
}

func (s *conn) RecvFrom(p []byte, flags int) (int, netip.AddrPort, error) {
	mode := s.enter()
	var text addressText
	var length uint32
	n, err := count(s.leave(mode, hostRecvfrom(s.fd, unsafe.SliceData(p), size(p), clamp(flags), &text[0], size(text[:]), &length)))
	if err != nil {
		return 0, netip.AddrPort{}, err
	}
	from, err := text.parse(length)
	return n, from, err
}

func (s *conn) Send(p []byte, flags int) (int, error) {
	mode := s.enter()
	return count(s.leave(mode, hostSend(s.fd, unsafe.SliceData(p), size(p), clamp(flags))))
}

func (s *conn) SendAll(p []byte, flags int) error {
	mode := s.enter()
	return failure(s.leave(mode, hostSendall(s.fd, unsafe.SliceData(p), size(p), clamp(flags))))
}

func (s *conn) SendTo(p []byte, flags int, address netip.AddrPort) (int, error) {
	mode := s.enter()
	var room addressText
	text := core.AppendAddress(room[:0], address)
	return count(s.leave(mode, hostSendto(s.fd, unsafe.SliceData(p), size(p), clamp(flags), unsafe.SliceData(text), size(text))))
}

func (s *conn) Shutdown(how int) error { return failure(hostShutdown(s.fd, clamp(how))) }

func (s *conn) Close() error {
	fd := s.fd
	if fd < 0 {
		return nil
	}
	s.fd = -1
	return failure(hostClose(fd))
}

func (s *conn) SetTimeout(d time.Duration) error {
	return failure(hostSettimeout(s.fd, seconds(d)))
}

func (s *conn) GetTimeout() (time.Duration, error) {
	have := hostGettimeout(s.fd)
	switch {
	case math.IsNaN(have):
		return 0, core.EBADF
	case have < 0:
		return core.Blocking, nil
	}
	return time.Duration(math.Round(have * 1e9)), nil
}

func (s *conn) SetBlocking(on bool) error {
	var flag int32
	if on {
		flag = 1
	}
	return failure(hostSetblocking(s.fd, flag))
}

func (s *conn) GetPeerName() (netip.AddrPort, error) {
	var text addressText
	n, err := count(hostGetpeername(s.fd, &text[0], size(text[:])))
	if err != nil {
		return netip.AddrPort{}, err
	}
	return text.parse(uint32(n))
}

func (s *conn) GetSockName() (netip.AddrPort, error) {
	var text addressText
	n, err := count(hostGetsockname(s.fd, &text[0], size(text[:])))
	if err != nil {
		return netip.AddrPort{}, err
	}
	return text.parse(uint32(n))
}

func (s *conn) SetSockOpt(level, option int, value []byte) error {
	return failure(hostSetsockopt(s.fd, clamp(level), clamp(option), unsafe.SliceData(value), size(value)))
}

func (s *conn) GetSockOpt(level, option int, value []byte) (int, error) {
	return count(hostGetsockopt(s.fd, clamp(level), clamp(option), unsafe.SliceData(value), size(value)))
}

func (s *conn) Fileno() int { return int(s.fd) }

// SetCanceled is a mark in the guest: nothing can be waiting when it is
// called, so it is for what would wait from now on.
func (s *conn) SetCanceled(on bool) { s.canceled = on }
