package wasmhost

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/sandsock/sandsock/core"
)

// This file checks what reaches beyond a socket's own addresses without being
// one: options, and protocols of which a grant says nothing.

// allowOption checks the options that reach further than the socket's
// addresses do.
//
// To join a group is to listen to its address. What shares a port with others
// could take from another guest, and a device leads to another network that
// has the same addresses: that is for a guest that may go everywhere.
func (g *instance) allowOption(d *descriptor, level, option int, value []byte) error {
	o, known := core.FindOption(level, option)
	switch {
	case !known:
		return core.ENOPROTOOPT
	case o.Kind == core.OptionMreq && strings.HasSuffix(o.Name, "_ADD_MEMBERSHIP"):
		return g.allowGroup(d, value, 4)
	case o.Kind == core.OptionMreq6 && strings.HasSuffix(o.Name, "_JOIN_GROUP"):
		return g.allowGroup(d, value, 16)
	case g.unguarded() || level != core.SOL_SOCKET || isZero(value):
		return nil
	}
	switch option {
	case core.SO_REUSEADDR: // on Linux it lets two datagram sockets share
		return g.allowEvery(o, !d.datagram(), core.UseListen)
	case core.SO_REUSEPORT:
		return g.allowEvery(o, false, core.UseListen)
	case core.SO_BINDTODEVICE:
		return g.allowEvery(o, false, core.UseConnect, core.UseSend, core.UseListen)
	case core.SO_BROADCAST:
		if !g.grants.AllowsBroadcast() {
			return g.deny("setsockopt", o.Name, core.UseSend, "255.255.255.255")
		}
	}
	return nil
}

func isZero(value []byte) bool {
	return !slices.ContainsFunc(value, func(b byte) bool { return b != 0 })
}

// allowEvery allows an option to a guest that has one of the uses of every
// host. Free is for what needs no grant.
func (g *instance) allowEvery(o core.Option, free bool, uses ...core.Use) error {
	if free || slices.ContainsFunc(uses, g.grants.AllowsEvery) {
		return nil
	}
	return g.deny("setsockopt", o.Name, uses[0], "*")
}

func (g *instance) allowGroup(d *descriptor, value []byte, size int) error {
	if len(value) < size {
		return core.EINVAL
	}
	own, err := d.socket.GetSockName()
	if err != nil {
		return err
	}
	group, _ := netip.AddrFromSlice(value[:size])
	return g.allow("setsockopt", core.UseListen, netip.AddrPortFrom(group, own.Port()), "")
}

// checkProtocol refuses what is no TCP and no UDP: a grant's ports are theirs.
// Linux would make an MPTCP stream, which connects to further addresses on its
// own, and of a datagram socket one that pings. RAW is for nobody.
func checkProtocol(family core.Family, typ core.Type, proto int32) error {
	usual := map[core.Type]int32{core.SOCK_STREAM: core.IPPROTO_TCP, core.SOCK_DGRAM: core.IPPROTO_UDP}[typ]
	const linuxMax = 262
	switch {
	case typ == core.SOCK_RAW:
		return core.EPERM
	case family != core.AF_INET && family != core.AF_INET6 || usual == 0 || proto == 0 || proto == usual:
		return nil // or the network's to refuse
	case proto < 0 || proto > linuxMax:
		return core.EINVAL
	}
	return core.EPROTONOSUPPORT
}
