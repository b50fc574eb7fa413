package wasmhost

import (
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

// This file is the one way by which an address gets from a guest to a socket:
// text, name, literal, grant. What is checked is the literal that is then
// used, and never a name.

// address reads the text at a[first] and a[first+1], resolves it, and returns
// it if the guest may use it so.
func (g *instance) address(call string, use core.Use, d *descriptor, a args, first int) (netip.AddrPort, error) {
	text, err := g.text(a.u32(first), a.u32(first+1), core.EINVAL)
	if err != nil {
		return netip.AddrPort{}, err
	}
	resolver := &guestResolver{instance: g, call: call, use: use, text: text}
	address, err := core.ResolveAddress(g, resolver, d.socket.Family(), text)
	if err != nil {
		return netip.AddrPort{}, err
	}
	if use == core.UseSend && d.peers.has(address) {
		return address, nil // it wrote to us
	}
	if use == core.UseConnect && d.datagram() &&
		g.grants.Allows(core.UseSend, address, g.names(address, resolver.name)) {
		return address, nil // a datagram socket connects to send
	}
	return address, g.allow(call, use, address, resolver.name)
}

// allow is the one check for every address: EACCES, and a line for the
// operator, where no grant covers it. Name is what was just resolved to it,
// empty for a literal.
func (g *instance) allow(call string, use core.Use, address netip.AddrPort, name string) error {
	if g.unguarded() || g.grants.Allows(use, address, g.names(address, name)) {
		return nil
	}
	literal := netip.AddrPortFrom(address.Addr().Unmap(), address.Port())
	return g.deny(call, core.PyAddress(address), use, grantText(use, literal, name))
}

// unguarded reports whether the host does without the check of addresses.
func (g *instance) unguarded() bool { return g.host.config.Without.has(DefenceGrants) }
