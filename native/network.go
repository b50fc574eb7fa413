//go:build linux || darwin || freebsd || windows

package native

import "github.com/sandsock/sandsock/core"

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
