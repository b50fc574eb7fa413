package native

import (
	"net/netip"
	"strconv"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

// sockaddr is room for an address of either family.
type sockaddr struct {
	v4 windows.SockaddrInet4
	v6 windows.SockaddrInet6
}

// set stores an address for a socket of that family, as it does on Unix.
func (s *sockaddr) set(family core.Family, address netip.AddrPort) (windows.Sockaddr, error) {
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
func addrPortOf(name windows.Sockaddr) netip.AddrPort {
	switch name := name.(type) {
	case *windows.SockaddrInet4:
		return netip.AddrPortFrom(netip.AddrFrom4(name.Addr), uint16(name.Port))
	case *windows.SockaddrInet6:
		ip := netip.AddrFrom16(name.Addr)
		if name.ZoneId != 0 {
			ip = ip.WithZone(strconv.FormatUint(uint64(name.ZoneId), 10))
		}
		return netip.AddrPortFrom(ip, uint16(name.Port))
	}
	return netip.AddrPort{}
}

// reachable puts the loopback address in the place of the wildcard, to which
// Linux connects and sends by loopback and Winsock not at all
// (WSAEADDRNOTAVAIL: connect function, Return value).
func reachable(to windows.Sockaddr) {
	switch to := to.(type) {
	case *windows.SockaddrInet4:
		if to.Addr == [4]byte{} {
			to.Addr = [4]byte{127, 0, 0, 1}
		}
	case *windows.SockaddrInet6:
		if to.Addr == [16]byte{} {
			to.Addr = [16]byte{15: 1}
		}
	}
}
