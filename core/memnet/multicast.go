package memnet

import (
	"encoding/binary"
	"net/netip"
	"slices"

	"github.com/sandsock/sandsock/core"
)

// membership is a group joined on the one interface there is.
type membership = netip.Addr

// loopbackIndex is the number of that interface, as on Linux.
const loopbackIndex = 1

// multicast delivers d to every member of its group with the right port, the
// sender's own socket included. The lock is held.
func (s *socket) multicast(d datagram, to netip.AddrPort) {
	level, option := core.SOL_IP, core.IP_MULTICAST_LOOP
	if to.Addr().Is6() {
		level, option = core.SOL_IPV6, core.IPV6_MULTICAST_LOOP
	}
	if !s.flag(level, option) {
		return
	}
	for _, r := range s.network.bound[portKey{core.SOCK_DGRAM, to.Port()}] {
		if r.hears(d.from) && r.covers(to.Addr()) && slices.Contains(r.groups, to.Addr()) {
			r.enqueue(d)
		}
	}
}

// setMembership joins or leaves the group that value names. The lock is held.
func (s *socket) setMembership(o core.Option, value []byte) core.Errno {
	group, err := parseMembership(o.Kind, value)
	switch {
	case err != 0:
		return err
	case s.stream():
		return core.EPROTO
	case !group.IsMulticast():
		return core.EINVAL
	}
	at := slices.Index(s.groups, group)
	switch join := o.Option == core.IP_ADD_MEMBERSHIP || o.Option == core.IPV6_JOIN_GROUP; {
	case join && at >= 0:
		return core.EADDRINUSE
	case join:
		s.groups = append(s.groups, group)
	case at < 0:
		return core.EADDRNOTAVAIL
	default:
		s.groups = slices.Delete(s.groups, at, at+1)
	}
	return 0
}

func parseMembership(kind core.OptionKind, value []byte) (netip.Addr, core.Errno) {
	size := 4
	if kind == core.OptionMreq6 {
		size = 16
	}
	if len(value) < size+4 {
		return netip.Addr{}, core.EINVAL
	}
	group, _ := netip.AddrFromSlice(value[:size])
	if size == 16 && binary.LittleEndian.Uint32(value[size:]) > loopbackIndex {
		return group, core.ENODEV
	}
	return group, 0
}
