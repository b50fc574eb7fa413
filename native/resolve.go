//go:build linux || darwin || freebsd || windows

package native

import (
	"context"
	"errors"
	"net"
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

// GetAddrInfo resolves a host name by Go's resolver: /etc/hosts, then what
// the system is configured for. A literal address is returned at once. The
// errors are glibc's: an unknown name is EAI_NONAME, a resolver that does not
// answer EAI_AGAIN, a literal of the other family EAI_ADDRFAMILY, a family that
// is none EAI_FAMILY; a context that ends is ECANCELED. See getaddrinfo(3).
func (Network) GetAddrInfo(ctx context.Context, name string, family core.Family) ([]netip.Addr, error) {
	network, ok := networks[family]
	if !ok {
		return nil, core.EAI_FAMILY
	}
	if ctx.Err() != nil {
		return nil, core.ECANCELED
	}
	host, err := core.ParseHost(name)
	switch {
	case err != nil:
		return nil, err
	case host.IP.IsValid():
		return literal(host.IP, family)
	}
	found, err := lookUps().LookupNetIP(ctx, network, host.Host)
	if err != nil {
		return nil, resolveError(ctx, err)
	}
	return distinct(found), nil
}

// lookUps is the process's resolver such that a canceled lookup is over: Go's
// own waits for the server's answer in a goroutine that is left behind, with
// its sockets, for the five seconds of resolv.conf(5).
func lookUps() *net.Resolver {
	dial := net.DefaultResolver.Dial
	if dial == nil {
		dial = new(net.Dialer).DialContext
	}
	return &net.Resolver{
		PreferGo:     net.DefaultResolver.PreferGo,
		StrictErrors: net.DefaultResolver.StrictErrors,
		Dial: func(ctx context.Context, network, address string) (net.Conn, error) {
			conn, err := dial(ctx, network, address)
			if err == nil {
				context.AfterFunc(ctx, func() { conn.Close() })
			}
			return conn, err
		},
	}
}

var networks = map[core.Family]string{
	core.AF_UNSPEC: "ip",
	core.AF_INET:   "ip4",
	core.AF_INET6:  "ip6",
}

// literal is what glibc makes of an address: for AF_INET the IPv4 address in
// a mapped one, otherwise the address as it is, with its zone as a number.
func literal(ip netip.Addr, family core.Family) ([]netip.Addr, error) {
	if family == core.AF_INET {
		ip = ip.Unmap()
	}
	if !core.Fits(ip, family) {
		return nil, core.EAI_ADDRFAMILY
	}
	var room sockaddr
	name, err := room.set(core.FamilyOf(ip), netip.AddrPortFrom(ip, 0))
	if err != nil {
		return nil, err
	}
	return []netip.Addr{addrPortOf(name).Addr()}, nil
}

// distinct returns the addresses unmapped, as the resolver maps IPv4's in
// places, and each once, in their order.
func distinct(found []netip.Addr) []netip.Addr {
	seen := make(map[netip.Addr]bool, len(found))
	var list []netip.Addr
	for _, ip := range found {
		if ip = ip.Unmap(); !seen[ip] {
			seen[ip] = true
			list = append(list, ip)
		}
	}
	return list
}

func resolveError(ctx context.Context, err error) error {
	var failure *net.DNSError
	switch {
	case ctx.Err() != nil:
		return core.ECANCELED
	case !errors.As(err, &failure):
		return core.EAI_NONAME // an *net.AddrError: nothing of the family asked for
	case failure.IsNotFound:
		return core.EAI_NONAME
	case failure.IsTimeout || failure.IsTemporary:
		return core.EAI_AGAIN
	}
	return core.EAI_FAIL
}
