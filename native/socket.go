//go:build linux || darwin || freebsd

package native

import (
	"net/netip"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// socket is one descriptor. The os.File owns it: a call holds a reference by
// the RawConn, so that the number is never another descriptor's.
type socket struct {
	family core.Family
	typ    core.Type
	proto  int
	fd     int
	file   *os.File
	raw    syscall.RawConn

	timeout atomic.Int64 // a time.Duration, as SetTimeout has it
	closed  atomic.Bool
	cancel  cancel

	read, write direction   // accept and receive; connect and send
	readEnded   atomic.Bool // by Shutdown, which the kernel may have refused
	polls       polls       // the calls of Poll that wait for it
}

// newSocket takes over a non-blocking descriptor and registers it with Go's
// poller. It closes it if that fails, as it does when the system is short of
// memory or of epoll watches.
func newSocket(fd int, family core.Family, typ core.Type, proto int) (core.Socket, error) {
	file := os.NewFile(uintptr(fd), "socket")
	if file.SetDeadline(time.Time{}) != nil {
		_ = file.Close()
		return nil, core.ENOBUFS
	}
	raw, err := file.SyscallConn()
	if err != nil {
		_ = file.Close()
		return nil, core.EBADF
	}
	s := &socket{family: family, typ: typ, proto: proto, fd: fd, file: file, raw: raw}
	s.timeout.Store(int64(core.Blocking))
	s.read.init(unix.POLLIN, raw.Read, file.SetReadDeadline)
	s.write.init(unix.POLLOUT, raw.Write, file.SetWriteDeadline)
	return s, nil
}

// Close is close(2), and ends what waits in the socket with EBADF. It returns
// once no call holds the descriptor any more.
func (s *socket) Close() error {
	if s.closed.Swap(true) {
		return nil
	}
	s.polls.wake()
	err := s.file.Close()
	if err == nil || coreErrno(err) == core.ECONNRESET {
		return nil // FreeBSD reports a reset here; CPython overlooks it too
	}
	return coreError(err)
}

// Shutdown is shutdown(2). That receiving is to end is noted before, for a
// receive that this wakes; whether it did end the kernel tells.
func (s *socket) Shutdown(how int) error {
	if how == unix.SHUT_RD || how == unix.SHUT_RDWR {
		s.readEnded.Store(true)
	}
	return s.control(func(fd int) error { return unix.Shutdown(fd, how) })
}

// GetPeerName is getpeername(2).
func (s *socket) GetPeerName() (netip.AddrPort, error) { return s.name(unix.Getpeername) }

// GetSockName is getsockname(2).
func (s *socket) GetSockName() (netip.AddrPort, error) { return s.name(unix.Getsockname) }

func (s *socket) name(call func(int) (unix.Sockaddr, error)) (netip.AddrPort, error) {
	var name unix.Sockaddr
	err := s.control(func(fd int) (err error) {
		name, err = call(fd)
		return err
	})
	if err != nil {
		return netip.AddrPort{}, err
	}
	return addrPortOf(name), nil
}

// control makes a system call that never waits.
func (s *socket) control(call func(fd int) error) error {
	var err error
	if s.raw.Control(func(fd uintptr) { err = retry(call, int(fd)) }) != nil {
		return core.EBADF
	}
	return coreError(err)
}

func retry(call func(fd int) error, fd int) error {
	for {
		if err := call(fd); err != unix.EINTR {
			return err
		}
	}
}
