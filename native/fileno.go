//go:build linux || darwin || freebsd

package native

import (
	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// FromFileno is CPython's socket.socket(fileno=fd): it makes a socket of a
// descriptor that is there, inherited or received. Its family and type are
// asked of the system, and it is the socket's from then on, close-on-exec and
// non-blocking as all are. O_NONBLOCK is of the open file (fcntl(2)), so that
// whoever else has a descriptor of it sees that, too.
//
// A number that is no descriptor is EBADF, one that is no socket ENOTSOCK, a
// socket of another family or type as [Network.Socket] says. The descriptor
// is untouched then, and the caller's; any other error, such as ENOBUFS, has
// closed it.
func FromFileno(fd int) (core.Socket, error) {
	typ, err := unix.GetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_TYPE)
	if err != nil {
		return nil, coreError(err)
	}
	name, err := unix.Getsockname(fd)
	if err != nil {
		return nil, coreError(err)
	}
	var family core.Family
	switch name.(type) {
	case *unix.SockaddrInet4:
		family = core.AF_INET
	case *unix.SockaddrInet6:
		family = core.AF_INET6
	default:
		return nil, core.EAFNOSUPPORT
	}
	if err := checkType(core.Type(typ)); err != nil {
		return nil, err
	}
	unix.CloseOnExec(fd)
	if fd, err = prepared(fd); err != nil {
		return nil, coreError(err)
	}
	return newSocket(fd, family, core.Type(typ), 0)
}

// Dup is CPython's socket.dup, as a number: another descriptor of the socket,
// close-on-exec, and the caller's. It is how one is handed to another process.
func Dup(s core.Socket) (fd int, err error) {
	own, ok := s.(*socket)
	if !ok {
		return -1, core.ENOTSUP
	}
	err = own.control(func(from int) (err error) {
		fd, err = unix.FcntlInt(uintptr(from), unix.F_DUPFD_CLOEXEC, 0)
		return err
	})
	return fd, err
}
