package core

import (
	"context"
	"net/netip"
	"strings"
	"testing"
)

func TestParseAddress(t *testing.T) {
	ip := netip.MustParseAddr
	tests := []struct {
		text string
		want Address
		err  error
	}{
		{"127.0.0.1:6565", Address{IP: ip("127.0.0.1"), Port: 6565}, nil},
		{"[::1]:6565", Address{IP: ip("::1"), Port: 6565}, nil},
		{"[fe80::1%2]:6565", Address{IP: ip("fe80::1%2"), Port: 6565}, nil},
		{"[fe80::1%lo]:1", Address{IP: ip("fe80::1%lo"), Port: 1}, nil},
		{"[::ffff:127.0.0.1]:1", Address{IP: ip("::ffff:127.0.0.1"), Port: 1}, nil},
		{"localhost:6565", Address{Host: "localhost", Port: 6565}, nil},
		{"LocalHost:0", Address{Host: "localhost"}, nil},
		{"a_b.example.:65535", Address{Host: "a_b.example.", Port: 65535}, nil},
		{"<broadcast>:67", Address{IP: ip("255.255.255.255"), Port: 67}, nil},
		{":6565", Address{Port: 6565}, nil},

		{"", Address{}, EINVAL},
		{"localhost", Address{}, EINVAL},
		{"localhost:", Address{}, EINVAL},
		{"localhost:65536", Address{}, EINVAL},
		{"localhost:-1", Address{}, EINVAL},
		{"localhost:+1", Address{}, EINVAL},
		{"localhost: 1", Address{}, EINVAL},
		{"localhost:000001", Address{}, EINVAL},
		{"localhost:http", Address{}, EINVAL},
		{"::1:6565", Address{}, EINVAL},
		{"[::1:6565", Address{}, EINVAL},
		{"[127.0.0.1]:80", Address{}, EAI_NONAME},
		{"[]:80", Address{}, EAI_NONAME},
		{"127.1:80", Address{}, EAI_NONAME},
		{"0x7f000001:80", Address{}, EAI_NONAME},
		{"0x7f.1:80", Address{}, EAI_NONAME},
		{"2130706433:80", Address{}, EAI_NONAME},
		{"0177.0.0.1:80", Address{}, EAI_NONAME},
		{"127.0.0.1%lo:80", Address{}, EAI_NONAME},
		{"[::ffff:127.0.0.1%lo]:80", Address{}, EAI_NONAME},
		{"[fe80::1%lo\n]:80", Address{}, EAI_NONAME},
		{"[fe80::1%$(id)]:80", Address{}, EAI_NONAME},
		{"[fe80::1%\x1b[31m]:80", Address{}, EAI_NONAME},
		{"[fe80::1%sixteen-letters-]:80", Address{}, EAI_NONAME},
		{"１２７.0.0.1:80", Address{}, EAI_NONAME},
		{"bücher.example:80", Address{}, EAI_NONAME},
		{"a\x00b:80", Address{}, EAI_NONAME},
		{"a b:80", Address{}, EAI_NONAME},
		{"-a:80", Address{}, EAI_NONAME},
		{"a..b:80", Address{}, EAI_NONAME},
		{strings.Repeat("a", 64) + ":80", Address{}, EAI_NONAME},
		{strings.Repeat("a.", 150) + ":80", Address{}, EAI_NONAME},
	}
	for _, tt := range tests {
		got, err := ParseAddress(tt.text)
		if err != tt.err || err == nil && got != tt.want {
			t.Errorf("ParseAddress(%q) = %+v, %v; want %+v, %v", tt.text, got, err, tt.want, tt.err)
		}
	}
}

// hosts is a resolver that counts what it is asked.
type hosts struct {
	known map[string]netip.Addr
	asked int
}

func (h *hosts) GetAddrInfo(_ context.Context, name string, family Family) ([]netip.Addr, error) {
	h.asked++
	ip, ok := h.known[name]
	if !ok || !Fits(ip, family) {
		return nil, EAI_NONAME
	}
	return []netip.Addr{ip}, nil
}

func TestResolveAddress(t *testing.T) {
	resolver := &hosts{known: map[string]netip.Addr{"localhost": netip.MustParseAddr("127.0.0.1")}}
	tests := []struct {
		text   string
		family Family
		want   string
		err    error
		asked  int
	}{
		{"127.0.0.1:80", AF_INET, "127.0.0.1:80", nil, 0},
		{":80", AF_INET, "0.0.0.0:80", nil, 0},
		{":80", AF_INET6, "[::]:80", nil, 0},
		{"localhost:80", AF_INET, "127.0.0.1:80", nil, 1},
		{"LOCALHOST:80", AF_INET, "127.0.0.1:80", nil, 1},
		{"[::1]:80", AF_INET, "", EAI_ADDRFAMILY, 0},
		{"127.0.0.1:80", AF_INET6, "", EAI_ADDRFAMILY, 0},
		{"nowhere:80", AF_INET, "", EAI_NONAME, 1},
		{"127.1:80", AF_INET, "", EAI_NONAME, 0},
	}
	for _, tt := range tests {
		resolver.asked = 0
		got, err := ResolveAddress(context.Background(), resolver, tt.family, tt.text)
		if err != tt.err || err == nil && got.String() != tt.want {
			t.Errorf("ResolveAddress(%v, %q) = %v, %v; want %v, %v", tt.family, tt.text, got, err, tt.want, tt.err)
		}
		if resolver.asked != tt.asked {
			t.Errorf("ResolveAddress(%v, %q) asked the resolver %d times, want %d", tt.family, tt.text, resolver.asked, tt.asked)
		}
	}
}

func FuzzParseAddress(f *testing.F) {
	for _, text := range []string{"127.0.0.1:6565", "[fe80::1%2]:1", "localhost:0", ":1", "<broadcast>:67", "0x7f.1:2", "[::1"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		address, err := ParseAddress(text)
		if err != nil {
			if err != EINVAL && err != EAI_NONAME {
				t.Fatalf("error %v", err)
			}
			return
		}
		if address.IP.IsValid() && address.Host != "" {
			t.Fatalf("%q is both a literal and a name: %+v", text, address)
		}
		if !address.IP.IsValid() {
			return
		}
		// A literal's own text means the same again.
		out := string(AppendAddress(nil, netip.AddrPortFrom(address.IP, address.Port)))
		if again, err := ParseAddress(out); err != nil || again != address {
			t.Fatalf("%q -> %q -> %+v, %v; want %+v", text, out, again, err, address)
		}
	})
}
