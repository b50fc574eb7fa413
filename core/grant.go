package core

import (
	"net/netip"
	"strconv"
	"strings"
)

// Use is what a guest wants an address or a name for.
type Use uint8

// The uses that need a grant.
const (
	UseConnect Use = iota // connect, connect_ex
	UseListen             // bind, and listen or receive on a port of its own
	UseSend               // sendto
	UseResolve            // getaddrinfo
)

// String returns the word of the flag that grants the use: connect.
func (u Use) String() string {
	return [...]string{"connect", "listen", "send", "resolve"}[u]
}

// Grant allows one use of some addresses. The zero Grant allows nothing.
//
// An address that is more than one peer or less than one - the wildcard, a
// multicast group, the broadcast address - and an address with a zone are
// allowed only by a grant that names them, never by a range they happen to
// fall into: 0.0.0.0 reaches 127.0.0.1.
type Grant struct {
	Use    Use
	Prefix netip.Prefix // the addresses; not valid where Name is set
	Zone   string       // of an IPv6 address
	Name   string       // a host name; *.name for all below it, * for any host
	First  uint16       // the ports, First to Last
	Last   uint16
}

// ParseGrant reads a grant: HOST, HOST:PORT or HOST:FIRST-LAST. HOST is an
// address, a range in CIDR form, a name, *.name, * for every host, or empty
// for the wildcard address; an IPv6 address or range stands in brackets where
// a port follows. Without a port all ports are meant. The error is one
// sentence for whoever wrote the text.
func ParseGrant(use Use, text string) (Grant, error) {
	host, ports, ok := splitGrant(text)
	grant := Grant{Use: use, First: 0, Last: 65535}
	if ok && ports != "" && !grant.parsePorts(ports) {
		return Grant{}, grantError{text, "a port is a number from 0 to 65535, or a range such as 8000-8010"}
	}
	if ok && use == UseResolve && ports != "" {
		return Grant{}, grantError{text, "a name to resolve has no port"}
	}
	if !ok || !grant.parseHost(host) {
		return Grant{}, grantError{text, "a host is an address, a range such as 10.0.0.0/8, a name, or *.name"}
	}
	return grant, nil
}

type grantError struct{ text, reason string }

func (e grantError) Error() string { return strconv.Quote(e.text) + ": " + e.reason }

// splitGrant takes a grant's text apart; false where it is of no form at all.
// No ports are all ports, and what follows a colon is never none.
func splitGrant(text string) (host, ports string, ok bool) {
	if inner, ok := strings.CutPrefix(text, "["); ok {
		host, ports, ok = strings.Cut(inner, "]")
		return host, ports, ok && strings.Contains(host, ":") && (ports == "" || cutColon(&ports))
	}
	if strings.Count(text, ":") != 1 { // none, or those of an IPv6 address
		return text, "", text != ""
	}
	host, ports, _ = strings.Cut(text, ":")
	return host, noneIsBad(ports), true
}

func cutColon(ports *string) bool {
	rest, ok := strings.CutPrefix(*ports, ":")
	*ports = noneIsBad(rest)
	return ok
}

func noneIsBad(ports string) string {
	if ports == "" {
		return "none" // which is no port
	}
	return ports
}

func (g *Grant) parsePorts(text string) bool {
	if text == "*" {
		return true
	}
	first, last, ranged := strings.Cut(text, "-")
	if !ranged {
		last = first
	}
	from, err1 := parsePort(first)
	to, err2 := parsePort(last)
	g.First, g.Last = from, to
	return err1 == nil && err2 == nil && from <= to
}

func (g *Grant) parseHost(host string) bool {
	if host == "" {
		return g.Use == UseListen // the wildcard: both families, see covers
	}
	if prefix, err := netip.ParsePrefix(host); err == nil {
		g.Prefix = unmapPrefix(prefix)
		return true
	}
	address, err := ParseHost(strings.TrimPrefix(host, "*."))
	switch {
	case host == "*":
		g.Name = host
	case err != nil || address.IP.IsValid() && host[0] == '*':
		return false
	case address.IP.IsValid():
		ip := address.IP.Unmap()
		g.Prefix, g.Zone = netip.PrefixFrom(ip.WithZone(""), ip.BitLen()), ip.Zone()
	default:
		g.Name = strings.ToLower(host)
	}
	return true
}

// unmapPrefix returns a range with the host's bits cleared. What is checked is
// an unmapped address, so the range of mapped ones is that of IPv4.
func unmapPrefix(prefix netip.Prefix) netip.Prefix {
	if ip := prefix.Addr(); ip.Is4In6() && prefix.Bits() >= 96 {
		prefix = netip.PrefixFrom(ip.Unmap(), prefix.Bits()-96)
	}
	return prefix.Masked()
}

// Allows reports whether the grant covers that use of an address. Names are
// the host names the guest has resolved to it; nil where it has none.
func (g Grant) Allows(use Use, address netip.AddrPort, names []string) bool {
	port := address.Port()
	if g.Use != use || port < g.First || port > g.Last {
		return false
	}
	if g.Name == "" {
		return g.covers(address.Addr().Unmap())
	}
	if g.Use != UseResolve && isSpecial(address.Addr().Unmap()) {
		return false
	}
	for _, name := range names {
		if g.AllowsName(name) {
			return true
		}
	}
	return g.Name == "*"
}

func (g Grant) covers(ip netip.Addr) bool {
	if !g.Prefix.IsValid() {
		return g.Use == UseListen && ip.IsUnspecified()
	}
	if ip.Zone() != g.Zone {
		return false
	}
	ip = ip.WithZone("")
	if isSpecial(ip) && !g.Prefix.IsSingleIP() && !isMulticast(g.Prefix) {
		return false
	}
	return g.Prefix.Contains(ip)
}

// isMulticast reports whether a range has multicast groups and nothing else.
func isMulticast(prefix netip.Prefix) bool {
	all := 8 // ff00::/8
	if prefix.Addr().Is4() {
		all = 4 // 224.0.0.0/4
	}
	return prefix.Addr().IsMulticast() && prefix.Bits() >= all
}

// isSpecial reports whether ip is not one host: see Grant.
func isSpecial(ip netip.Addr) bool {
	return ip.IsUnspecified() || ip.IsMulticast() || ip.Zone() != "" || ip == broadcast
}

var broadcast = netip.AddrFrom4([4]byte{255, 255, 255, 255})

// AllowsName reports whether the grant's name covers a host name, whatever
// the grant is for: whoever may connect to a name may resolve it.
func (g Grant) AllowsName(name string) bool {
	if suffix, below := strings.CutPrefix(g.Name, "*"); below {
		return strings.HasSuffix(name, suffix)
	}
	return g.Name != "" && g.Name == name
}

// Grants is what one guest may do: nothing where it is empty.
type Grants []Grant

// Allows reports whether one of the grants covers that use of an address.
func (g Grants) Allows(use Use, address netip.AddrPort, names []string) bool {
	for _, grant := range g {
		if grant.Allows(use, address, names) {
			return true
		}
	}
	return false
}

// AllowsName reports whether a name may be resolved.
func (g Grants) AllowsName(name string) bool {
	for _, grant := range g {
		if grant.AllowsName(name) {
			return true
		}
	}
	return false
}

// AllowsEvery reports whether one of the grants is that of every host and
// every port.
func (g Grants) AllowsEvery(use Use) bool {
	for _, grant := range g {
		if grant.Use == use && grant.Name == "*" && grant.First == 0 && grant.Last == 65535 {
			return true
		}
	}
	return false
}

// AllowsBroadcast reports whether one of the grants names an IPv4 address to
// send to. Which address is a network's broadcast only the kernel knows, and it
// wants SO_BROADCAST for that one; a guest may set it that was granted the
// address by its number, and not by a range around it.
func (g Grants) AllowsBroadcast() bool {
	for _, grant := range g {
		if (grant.Use == UseSend || grant.Use == UseConnect) && grant.Prefix.IsSingleIP() && grant.Prefix.Addr().Is4() {
			return true
		}
	}
	return false
}
