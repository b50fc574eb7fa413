package main

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

	"github.com/sandsock/sandsock/core"
)

// defaultEndpoint is where the study notes' server listens.
const defaultEndpoint = "localhost:6565"

// endpoint is an address as it is typed: localhost:6565, tcp://[::1]:7000,
// udp://:5353.
type endpoint struct {
	typ     core.Type
	address core.Address
	text    string // without the protocol
}

func parseEndpoint(text string) (endpoint, error) {
	e := endpoint{typ: core.SOCK_STREAM, text: text}
	if protocol, rest, ok := strings.Cut(text, "://"); ok {
		e.text = rest
		switch protocol {
		case "tcp":
		case "udp":
			e.typ = core.SOCK_DGRAM
		default:
			return e, addressError{text, "a protocol is tcp or udp"}
		}
	}
	address, err := core.ParseAddress(e.text)
	switch {
	case err == core.EINVAL:
		return e, addressError{text, "an address is a host and a port from 0 to 65535, such as localhost:6565 or [::1]:6565"}
	case err != nil:
		return e, addressError{text, "a host is an address such as 127.0.0.1, or a name"}
	}
	e.address = address
	return e, nil
}

// url is the endpoint as it is typed, and its protocol: tcp://localhost:6565.
func (e endpoint) url() string {
	if e.typ == core.SOCK_DGRAM {
		return "udp://" + e.text
	}
	return "tcp://" + e.text
}

type addressError struct{ text, reason string }

func (e addressError) Error() string { return strconv.Quote(e.text) + ": " + e.reason }

// resolve returns the addresses the endpoint can mean, the literal or
// wildcard one alone. A name's IPv4 addresses come first: the notes' sockets
// are AF_INET.
func (e endpoint) resolve(ctx context.Context, resolver core.Resolver) ([]netip.AddrPort, error) {
	ip := e.address.IP
	if e.address.Host == "" {
		if !ip.IsValid() {
			ip = core.Wildcard(core.AF_INET)
		}
		return []netip.AddrPort{netip.AddrPortFrom(ip, e.address.Port)}, nil
	}
	var found []netip.AddrPort
	var failed error
	for _, family := range []core.Family{core.AF_INET, core.AF_INET6} {
		ips, err := resolver.GetAddrInfo(ctx, e.address.Host, family)
		if err != nil && failed == nil {
			failed = err
		}
		for _, ip := range ips {
			found = append(found, netip.AddrPortFrom(ip, e.address.Port))
		}
	}
	if len(found) > 0 {
		return found, nil
	}
	return nil, failed
}

// typed returns what to type to reach a socket that listens at an address.
func typed(address netip.AddrPort) string {
	ip := address.Addr()
	if ip.Is4() && (ip.IsLoopback() || ip.IsUnspecified()) {
		return "localhost:" + strconv.Itoa(int(address.Port()))
	}
	if ip.IsUnspecified() {
		return netip.AddrPortFrom(netip.IPv6Loopback(), address.Port()).String()
	}
	return address.String()
}

// routeName is how reports call a socket: tcp://127.0.0.1:6565.
func routeName(typ core.Type, address netip.AddrPort) string {
	if typ == core.SOCK_DGRAM {
		return "udp://" + address.String()
	}
	return "tcp://" + address.String()
}
