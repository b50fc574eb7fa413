//go:build linux || darwin || freebsd

package native

import (
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// Network makes sockets of the operating system. Its zero value works, and it
// has no state: all values are alike and may be used by any number of
// goroutines.
type Network struct{}

var _ core.Network = Network{}

// Socket makes a socket by socket(2): non-inheritable, with no option set,
// blocking as seen from here. The errors are the system's: EPROTONOSUPPORT for
// a protocol the type does not have, EPERM for SOCK_RAW without the right.
// A family other than AF_INET and AF_INET6 is EAFNOSUPPORT, a type other than
// the contract's ESOCKTNOSUPPORT, or EINVAL where Linux has no such number.
func (Network) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	domain, err := domainOf(family)
	if err != nil {
		return nil, err
	}
	if err := checkType(typ); err != nil {
		return nil, err
	}
	if int(int32(proto)) != proto {
		return nil, core.EINVAL
	}
	fd, err := openSocket(domain, int(typ), proto)
	if err != nil {
		return nil, coreError(err)
	}
	return newSocket(fd, family, typ, proto)
}

func domainOf(family core.Family) (int, error) {
	switch family {
	case core.AF_INET:
		return unix.AF_INET, nil
	case core.AF_INET6:
		return unix.AF_INET6, nil
	}
	return 0, core.EAFNOSUPPORT
}

// checkType keeps from the kernel what would be more than a type: the bits of
// SOCK_NONBLOCK and SOCK_CLOEXEC, and SOCK_PACKET, for which Linux changes the
// family (packet(7), "Compatibility").
func checkType(typ core.Type) error {
	const sockMax = 11 // Linux's, include/linux/net.h
	switch {
	case typ == core.SOCK_STREAM || typ == core.SOCK_DGRAM || typ == core.SOCK_RAW:
		return nil
	case 0 <= typ && typ < sockMax:
		return core.ESOCKTNOSUPPORT
	}
	return core.EINVAL
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
	s.read.init(raw.Read, file.SetReadDeadline)
	s.write.init(raw.Write, file.SetWriteDeadline)
	return s, nil
}
