//go:build linux || darwin || freebsd

package native

import (
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// sockaddr is room for an address of either family, so that handing one to
// the system allocates nothing.
type sockaddr struct {
	v4 unix.SockaddrInet4
	v6 unix.SockaddrInet6
}

// set stores an address for a socket of that family. An address of the other
// family is EAI_ADDRFAMILY, which CPython raises; an IPv4-mapped one belongs
// to IPv6 and is passed on as it is. A zone may be a number or the name of an
// interface; a name that is none is EAI_NONAME.
func (s *sockaddr) set(family core.Family, address netip.AddrPort) (unix.Sockaddr, error) {
	ip := address.Addr()
	if !core.Fits(ip, family) {
		return nil, core.EAI_ADDRFAMILY
	}
	if family == core.AF_INET {
		s.v4.Port, s.v4.Addr = int(address.Port()), ip.As4()
		return &s.v4, nil
	}
	zone, err := scopeID(ip.Zone())
	if err != nil {
		return nil, err
	}
	s.v6.Port, s.v6.Addr, s.v6.ZoneId = int(address.Port()), ip.As16(), zone
	return &s.v6, nil
}

// addrPortOf returns what the system says, the zone as a number; the zero
// AddrPort for no address.
func addrPortOf(name unix.Sockaddr) netip.AddrPort {
	switch name := name.(type) {
	case *unix.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(name.Addr), uint16(name.Port))
	case *unix.SockaddrInet6:
		ip := netip.AddrFrom16(name.Addr)
		if name.ZoneId != 0 {
			ip = ip.WithZone(strconv.FormatUint(uint64(name.ZoneId), 10))
		}
		return netip.AddrPortFrom(ip, uint16(name.Port))
	}
	return netip.AddrPort{}
}
