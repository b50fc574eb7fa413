package core

import (
	"context"
	"net/netip"
	"strconv"
	"strings"
)

// Address is the text of an address taken apart: a host and a port.
//
// The texts are 127.0.0.1:6565, [::1]:6565 and [fe80::1%2]:6565, a name
// localhost:6565, Python's <broadcast>:67 for 255.255.255.255, and :6565 for
// the wildcard address.
type Address struct {
	Host string     // a name in lower case; empty where IP is valid, and for the wildcard
	IP   netip.Addr // the literal address, where the text has one
	Port uint16
}

const broadcastHost = "<broadcast>"

// ParseAddress takes an address text apart, asking nobody. A text of another
// form, or a port that is not 0 to 65535, is EINVAL; a host that can be
// neither an address nor a name is EAI_NONAME, which includes the old forms
// of numbers, 127.1 and 0x7f000001.
func ParseAddress(text string) (Address, error) {
	colon := strings.LastIndexByte(text, ':')
	if colon < 0 {
		return Address{}, EINVAL
	}
	port, err := parsePort(text[colon+1:])
	if err != nil {
		return Address{}, err
	}
	address, err := parseHost(text[:colon])
	address.Port = port
	return address, err
}

func parsePort(text string) (uint16, error) {
	if text == "" || len(text) > 5 {
		return 0, EINVAL
	}
	for i := range len(text) {
		if text[i] < '0' || text[i] > '9' {
			return 0, EINVAL
		}
	}
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil {
		return 0, EINVAL
	}
	return uint16(port), nil
}

func parseHost(host string) (Address, error) {
	switch {
	case host == "":
		return Address{}, nil
	case host == broadcastHost:
		return Address{IP: broadcast}, nil
	case host[0] == '[':
		return parseBracketed(host)
	case strings.IndexByte(host, ':') >= 0:
		return Address{}, EINVAL // an IPv6 address without its brackets
	}
	return ParseHost(host)
}

func parseBracketed(host string) (Address, error) {
	if host[len(host)-1] != ']' {
		return Address{}, EINVAL
	}
	ip, ok := parseIP(host[1 : len(host)-1])
	if !ok || !ip.Is6() {
		return Address{}, EAI_NONAME
	}
	return Address{IP: ip}, nil
}

// parseIP reads a literal address. A zone is a number or the name of an
// interface, and nothing else: what is refused is shown to the operator, as a
// flag to paste. An IPv4 address has none in its mapped form either, since
// unmapping would lose it.
func parseIP(text string) (netip.Addr, bool) {
	ip, err := netip.ParseAddr(text)
	return ip, err == nil && (ip.Zone() == "" || isZone(ip.Zone()) && !ip.Is4In6())
}

func isZone(zone string) bool {
	const longest = 15 // Linux's IFNAMSIZ, less the terminator
	for i := range len(zone) {
		if !isLower(zone[i]|0x20) && !isDigit(zone[i]) && strings.IndexByte("._-", zone[i]) < 0 {
			return false
		}
	}
	return len(zone) <= longest
}

// ParseHost takes a host alone: a literal address, without brackets, or a
// name. What can be neither is EAI_NONAME.
func ParseHost(host string) (Address, error) {
	if ip, ok := parseIP(host); ok {
		return Address{IP: ip}, nil
	}
	if !isName(host) {
		return Address{}, EAI_NONAME
	}
	return Address{Host: strings.ToLower(host)}, nil
}

// isName reports whether host can be a name by RFC 1123, section 2.1, with
// the underscore that is common in practice. One whose last label is a number
// is a mistyped or disguised IPv4 address, which C libraries would still
// read: it is never asked for.
func isName(host string) bool {
	if len(host) == 0 || len(host) > 253 {
		return false
	}
	labels := strings.Split(strings.TrimSuffix(host, "."), ".")
	for _, label := range labels {
		if !isLabel(label) {
			return false
		}
	}
	return !isNumber(labels[len(labels)-1])
}

func isLabel(label string) bool {
	if len(label) == 0 || len(label) > 63 || label[0] == '-' || label[len(label)-1] == '-' {
		return false
	}
	for i := range len(label) {
		c := label[i] | 0x20
		if !isLower(c) && !isDigit(label[i]) && label[i] != '-' && label[i] != '_' {
			return false
		}
	}
	return true
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

func isNumber(label string) bool {
	if len(label) >= 2 && label[0] == '0' && label[1]|0x20 == 'x' {
		return true
	}
	for i := range len(label) {
		if !isDigit(label[i]) {
			return false
		}
	}
	return true
}

// ResolveAddress turns an address text into the address to use with a socket
// of that family: a literal as it is, the empty host as the family's
// wildcard, and a name as the first address the resolver gives. A
// literal of another family is EAI_ADDRFAMILY, as CPython has it.
func ResolveAddress(ctx context.Context, resolver Resolver, family Family, text string) (netip.AddrPort, error) {
	address, err := ParseAddress(text)
	if err != nil {
		return netip.AddrPort{}, err
	}
	ip := address.IP
	switch {
	case address.Host != "":
		found, err := resolver.GetAddrInfo(ctx, address.Host, family)
		if err != nil {
			return netip.AddrPort{}, err
		}
		if len(found) == 0 {
			return netip.AddrPort{}, EAI_NODATA
		}
		ip = found[0]
	case !ip.IsValid():
		ip = Wildcard(family)
	}
	if !Fits(ip, family) {
		return netip.AddrPort{}, EAI_ADDRFAMILY
	}
	return netip.AddrPortFrom(ip, address.Port), nil
}

// Wildcard returns the address that stands for all of a machine's own:
// 0.0.0.0 or ::.
func Wildcard(family Family) netip.Addr {
	if family == AF_INET6 {
		return netip.IPv6Unspecified()
	}
	return netip.IPv4Unspecified()
}

// Fits reports whether a socket of that family takes the address. An IPv6
// socket takes an IPv4 address only in its mapped form, ::ffff:127.0.0.1.
func Fits(ip netip.Addr, family Family) bool {
	switch family {
	case AF_INET:
		return ip.Is4()
	case AF_INET6:
		return ip.Is6()
	}
	return ip.IsValid()
}

// FamilyOf returns the family of the sockets that take the address.
func FamilyOf(ip netip.Addr) Family {
	if ip.Is6() {
		return AF_INET6
	}
	return AF_INET
}

// AppendAddress appends an address's text to b, nothing for the zero one.
func AppendAddress(b []byte, address netip.AddrPort) []byte {
	if !address.IsValid() {
		return b
	}
	return address.AppendTo(b)
}
