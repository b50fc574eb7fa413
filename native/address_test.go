//go:build linux || darwin || freebsd || windows

package native

import (
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"testing"

	"github.com/sandsock/sandsock/core"
)

func ipv6(t testing.TB, typ core.Type) *socket {
	t.Helper()
	probe := open(t, core.AF_INET6, typ)
	if probe.Bind(netip.MustParseAddrPort("[::1]:0")) != nil {
		t.Skip("there is no IPv6 here")
	}
	return open(t, core.AF_INET6, typ)
}

func TestIPv6AddressesComeBackAsTheSystemSaysThem(t *testing.T) {
	tests := []struct{ bind, want string }{
		{"::1", "::1"},
		{"::ffff:127.0.0.1", "::ffff:127.0.0.1"},
		{"::", "::"},
	}
	for _, tt := range tests {
		s := ipv6(t, core.SOCK_STREAM)
		must(t, s.Bind(netip.AddrPortFrom(netip.MustParseAddr(tt.bind), 0)))
		if got := value(s.GetSockName())(t).Addr(); got.String() != tt.want {
			t.Errorf("bound to %v, the name is %v", tt.bind, got)
		}
	}
	s := ipv6(t, core.SOCK_STREAM)
	wantErr(t, "an IPv4 address", s.Bind(loopback), core.EAI_ADDRFAMILY)
	if runtime.GOOS == "linux" {
		if only := value(core.GetInt(s, core.SOL_IPV6, core.IPV6_V6ONLY))(t); only != 0 {
			t.Error("IPV6_V6ONLY was set unasked")
		}
	}
}

func TestAZoneGoesInByNameOrNumberAndComesOutAsANumber(t *testing.T) {
	card, ip := linkLocal(t)
	number := strconv.Itoa(card.Index)
	for _, zone := range []string{card.Name, number} {
		s := ipv6(t, core.SOCK_DGRAM)
		must(t, s.Bind(netip.AddrPortFrom(ip.WithZone(zone), 0)))
		if got := value(s.GetSockName())(t).Addr(); got != ip.WithZone(number) {
			t.Errorf("bound to %v, the name is %v", ip.WithZone(zone), got)
		}
	}
	err := ipv6(t, core.SOCK_DGRAM).Bind(netip.MustParseAddrPort("[fe80::1%nosuch]:0"))
	wantErr(t, "an unknown zone", err, core.EAI_NONAME)
}

// linkLocal returns an interface with one of its link-local addresses.
func linkLocal(t *testing.T) (net.Interface, netip.Addr) {
	for _, card := range value(net.Interfaces())(t) {
		addrs, _ := card.Addrs()
		for _, addr := range addrs {
			prefix, err := netip.ParsePrefix(addr.String())
			if err == nil && prefix.Addr().Is6() && prefix.Addr().IsLinkLocalUnicast() {
				return card, prefix.Addr()
			}
		}
	}
	t.Skip("there is no link-local address here")
	return net.Interface{}, netip.Addr{}
}
