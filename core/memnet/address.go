package memnet

import (
	"net/netip"
	"slices"

	"github.com/sandsock/sandsock/core"
)

var (
	loopback4 = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	loopback6 = netip.IPv6Loopback()
	broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})
)

// wire returns address as it travels: IPv4 unmapped, without a zone. One of
// the other family is EAI_ADDRFAMILY, because Python finds it so while it
// resolves, before the call.
func (s *socket) wire(address netip.AddrPort) (netip.AddrPort, core.Errno) {
	ip := address.Addr()
	if !ip.IsValid() {
		return address, core.EINVAL
	}
	if ip.Is4() != (s.family == core.AF_INET) {
		return address, core.EAI_ADDRFAMILY
	}
	return netip.AddrPortFrom(ip.Unmap().WithZone(""), address.Port()), 0
}

// show returns a wire address as this socket's family writes it: on an IPv6
// socket IPv4 is mapped.
func (s *socket) show(address netip.AddrPort) netip.AddrPort {
	ip := address.Addr()
	if s.family == core.AF_INET6 && ip.Is4() {
		ip = netip.AddrFrom16(ip.As16())
	}
	return netip.AddrPortFrom(ip, address.Port())
}

// wildcard is the address of a socket that has none.
func (s *socket) wildcard() netip.Addr {
	if s.family == core.AF_INET6 {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

// owns reports whether ip is an address of this world.
func (n *Network) owns(ip netip.Addr) bool {
	if ip.IsLoopback() {
		return true
	}
	for _, addresses := range n.Hosts {
		if slices.ContainsFunc(addresses, func(a netip.Addr) bool { return a.Unmap() == ip }) {
			return true
		}
	}
	return false
}

// destination returns where a packet to address goes, in wire form: to the
// wildcard means to the loopback, as on Linux.
func (s *socket) destination(address netip.AddrPort) (netip.AddrPort, core.Errno) {
	to, err := s.wire(address)
	if err != 0 {
		return to, err
	}
	ip := to.Addr()
	switch {
	case ip.Is4() && s.v6only():
		return to, core.ENETUNREACH
	case ip == netip.IPv4Unspecified():
		ip = loopback4
	case ip == netip.IPv6Unspecified():
		ip = loopback6
	}
	return netip.AddrPortFrom(ip, to.Port()), 0
}

// sourceFor is the address a packet to ip comes from where the sender is
// bound to none: Linux's route to 127.0.0.0/8 has the source 127.0.0.1, that
// to another address of the machine the address itself.
func sourceFor(ip netip.Addr) netip.Addr {
	switch {
	case ip.Is4() && (ip.IsLoopback() || ip.IsMulticast()):
		return loopback4
	case ip.IsMulticast():
		return loopback6
	}
	return ip
}

// toMany reports whether ip is a group's or the broadcast address. Linux lets
// every IPv4 socket be bound to one, but sends nothing from it.
func toMany(ip netip.Addr) bool { return ip.IsMulticast() || ip == broadcast }

// source is the address a packet from s to ip carries.
func (s *socket) source(ip netip.Addr) netip.AddrPort {
	from := s.local.Addr()
	if from.IsUnspecified() || toMany(from) {
		from = sourceFor(ip)
	}
	return netip.AddrPortFrom(from, s.local.Port())
}

// covers reports whether a packet to ip is for the address s is bound to.
func (s *socket) covers(ip netip.Addr) bool {
	own := s.local.Addr()
	switch {
	case own == ip:
		return true
	case !own.IsUnspecified():
		return false
	case ip.Is4():
		return own.Is4() || !s.v6only()
	}
	return own.Is6()
}
