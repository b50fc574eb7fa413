//go:build linux || darwin || freebsd

package native

import (
	"net/netip"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// Connect is connect(2), which is begun without waiting and then waited for as
// the mode says. Called again it gives what the system gives: EALREADY while
// a connect is under way, EISCONN after; Linux gives success once for one that
// was not waited for to its end. See connect(2), EINPROGRESS.
func (s *socket) Connect(address netip.AddrPort) error {
	o := s.write.take()
	defer s.write.put(o)
	to, err := o.room.set(s.family, address)
	if err != nil {
		return s.closedOr(err)
	}
	o.do, o.to = doConnect, to
	l := s.limit(0)
	if s.raw.Control(o.once) != nil {
		return core.EBADF
	}
	if !goesOn(o.err, l) {
		return coreError(o.err)
	}
	o.do, o.waits = doConnected, l.forEver()
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

// goesOn reports whether the connect is to be waited for. With a timeout
// CPython waits for the one it began only; a blocking call, which in CPython
// is the kernel's, also for one begun before.
func goesOn(err error, l limit) bool {
	switch err {
	case unix.EINPROGRESS:
		return l.blocks
	case unix.EALREADY:
		return l.forEver()
	}
	return false
}

// doConnect begins to connect. After EINTR the connect goes on by itself.
func doConnect(o *op, fd int) error {
	if err := unix.Connect(fd, o.to); err != unix.EINTR {
		return err
	}
	return unix.EINPROGRESS
}

// doConnected takes the outcome. It asks poll(2) first, since Go's poller may
// wake without cause, and SO_ERROR is 0 while the connect goes on.
func doConnected(o *op, fd int) error {
	if pollNow(fd, unix.POLLOUT) == 0 {
		return unix.EAGAIN
	}
	if o.waits {
		return finishConnect(fd, o.to)
	}
	return pendingError(fd)
}

// pendingError takes the error that waits on the socket.
func pendingError(fd int) error {
	number, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_ERROR)
	if err != nil || number == 0 {
		return err
	}
	return syscall.Errno(number)
}
