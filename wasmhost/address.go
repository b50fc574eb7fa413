package wasmhost

import (
	"context"
	"net/netip"
	"slices"
	"strconv"
	"strings"

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
	if g.grants.Allows(use, address, g.names(address, name)) {
		return nil
	}
	literal := netip.AddrPortFrom(address.Addr().Unmap(), address.Port()).String()
	g.denied(call, core.PyAddress(address), "--allow-"+use.String()+" "+literal)
	return core.EACCES
}

// resolution is one answer to a guest: a name's grant covers what the name
// resolved to.
type resolution struct {
	ip   netip.Addr
	name string
}

// maxResolved bounds what a guest can make the host remember; the oldest goes
// first.
const maxResolved = 256

// names returns the host names this guest has resolved to an address.
func (g *instance) names(address netip.AddrPort, name string) (names []string) {
	if name != "" {
		names = append(names, name)
	}
	for _, r := range g.resolved {
		if r.ip == address.Addr().Unmap() {
			names = append(names, r.name)
		}
	}
	return names
}

func (g *instance) remember(r resolution) {
	if slices.Contains(g.resolved, r) {
		return
	}
	if len(g.resolved) == maxResolved {
		g.resolved = slices.Delete(g.resolved, 0, 1)
	}
	g.resolved = append(g.resolved, r)
}

// guestResolver resolves names on behalf of a guest: only those it may, and
// remembered.
type guestResolver struct {
	*instance
	call string
	use  core.Use
	text string // what the guest wrote: the name, with the port where there is one
	name string // what was resolved
}

// GetAddrInfo implements [core.Resolver].
func (r *guestResolver) GetAddrInfo(ctx context.Context, name string, family core.Family) ([]netip.Addr, error) {
	if !r.grants.AllowsName(name) {
		r.denied(r.call, strconv.Quote(name), "--allow-"+r.use.String()+" "+escape([]byte(r.text)))
		return nil, core.EACCES
	}
	found, err := r.host.config.Network.GetAddrInfo(ctx, name, family)
	if err != nil {
		return nil, err
	}
	r.name = name
	for _, ip := range found {
		r.remember(resolution{ip.Unmap(), name})
	}
	return found, nil
}

func getAddrInfo(g *instance, a args) (int32, error) {
	name, err := g.text(a.u32(0), a.u32(1), core.EAI_NONAME)
	if err != nil {
		return 0, err
	}
	buf, err := g.result(a.u32(3), a.u32(4))
	if err != nil {
		return 0, err
	}
	found, err := g.lookUp(name, core.Family(a.i32(2)))
	if err != nil {
		return 0, err
	}
	return int32(storeLines(buf, found)), nil
}

// lookUp is getaddrinfo: a literal needs no grant, and nobody is asked.
func (g *instance) lookUp(name string, family core.Family) ([]netip.Addr, error) {
	if family != core.AF_UNSPEC && family != core.AF_INET && family != core.AF_INET6 {
		return nil, core.EAI_FAMILY
	}
	host, err := core.ParseHost(name)
	switch {
	case err != nil:
		return nil, err
	case host.Host == "":
		return g.host.config.Network.GetAddrInfo(g, name, family)
	}
	resolver := &guestResolver{instance: g, call: "getaddrinfo", use: core.UseResolve, text: host.Host}
	return resolver.GetAddrInfo(g, host.Host, family)
}

// storeLines stores an address a line, cut at a line's end, and returns the
// full length.
func storeLines(buf []byte, found []netip.Addr) int {
	full, fits := 0, true
	for _, ip := range found {
		line := ip.String() + "\n"
		if fits = fits && full+len(line) <= len(buf); fits {
			copy(buf[full:], line)
		}
		full += len(line)
	}
	return full
}

// allowOption checks the options that reach beyond the socket: membership of
// a group is listening to its address, and a device is chosen only by a guest
// that may use addresses at all.
func (g *instance) allowOption(d *descriptor, level, option int, value []byte) error {
	o, known := core.FindOption(level, option)
	switch {
	case !known:
		return core.ENOPROTOOPT
	case o.Kind == core.OptionMreq && strings.HasSuffix(o.Name, "_ADD_MEMBERSHIP"):
		return g.allowGroup(d, value, 4)
	case o.Kind == core.OptionMreq6 && strings.HasSuffix(o.Name, "_JOIN_GROUP"):
		return g.allowGroup(d, value, 16)
	case o.Name == "SO_BINDTODEVICE" && len(g.grants) == 0:
		g.denied("setsockopt", o.Name, "--allow-listen ADDR")
		return core.EACCES
	}
	return nil
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
