package inherit

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/sandsock/sandsock/core"
)

// fake is a socket that has a type alone.
type fake struct {
	core.Socket
	typ core.Type
}

func (f fake) Type() core.Type { return f.typ }

func socket(typ core.Type, address, name string, dual bool) *Socket {
	return &Socket{Socket: fake{typ: typ}, Address: netip.MustParseAddrPort(address), Name: name, dual: dual}
}

func wanted(typ core.Type, address, name string, everywhere bool) Wanted {
	return Wanted{Type: typ, Name: name, Address: netip.MustParseAddrPort(address), Everywhere: everywhere}
}

func TestARouteTakesTheSocketThatIsForIt(t *testing.T) {
	const tcp, udp = core.SOCK_STREAM, core.SOCK_DGRAM
	for _, tt := range []struct {
		name    string
		sockets Set
		routes  []Wanted
		takes   []int // the number of the socket, -1 for none
	}{
		{"the very address", Set{socket(tcp, "127.0.0.1:7001", "", false), socket(tcp, "127.0.0.1:7000", "", false)},
			[]Wanted{wanted(tcp, "127.0.0.1:7000", "", false), wanted(tcp, "127.0.0.1:7002", "", false)}, []int{1, -1}},
		{"of the same type alone", Set{socket(udp, "127.0.0.1:7000", "r", false)},
			[]Wanted{wanted(tcp, "127.0.0.1:7000", "r", false)}, []int{-1}},
		{"once", Set{socket(tcp, "127.0.0.1:7000", "", false)},
			[]Wanted{wanted(tcp, "127.0.0.1:7000", "", false), wanted(tcp, "127.0.0.1:7000", "", false)}, []int{0, -1}},
		{"of both wildcards", Set{socket(tcp, "[::]:7000", "", true)},
			[]Wanted{wanted(tcp, "0.0.0.0:7000", "", true)}, []int{0}},
		{"not where IPv4 alone is asked for", Set{socket(tcp, "[::]:7000", "", true)},
			[]Wanted{wanted(tcp, "0.0.0.0:7000", "", false)}, []int{-1}},
		{"not of IPv6 alone", Set{socket(tcp, "[::]:7000", "", false)},
			[]Wanted{wanted(tcp, "0.0.0.0:7000", "", true)}, []int{-1}},
		{"a free port", Set{socket(tcp, "127.0.0.1:7000", "", false), socket(tcp, "127.0.0.1:40000", "", false)},
			[]Wanted{wanted(tcp, "127.0.0.1:0", "", false), wanted(tcp, "127.0.0.1:7000", "", false)}, []int{1, 0}},
		{"a free port elsewhere", Set{socket(tcp, "[::1]:40000", "", false)},
			[]Wanted{wanted(tcp, "127.0.0.1:0", "", false)}, []int{-1}},
		{"its name before an address", Set{socket(tcp, "127.0.0.1:7000", "", false), socket(tcp, "127.0.0.1:7001", "r", false)},
			[]Wanted{wanted(tcp, "127.0.0.1:7000", "r", false), wanted(tcp, "127.0.0.1:7001", "", false)}, []int{1, -1}},
		{"names that are the same, in order", Set{socket(tcp, "127.0.0.1:7000", "r", false), socket(tcp, "127.0.0.1:7001", "r", false)},
			[]Wanted{wanted(tcp, "127.0.0.1:0", "r", false), wanted(tcp, "127.0.0.1:0", "r", false)}, []int{0, 1}},
		{"none that has no port", Set{socket(tcp, "127.0.0.1:0", "r", false)},
			[]Wanted{wanted(tcp, "127.0.0.1:0", "r", false)}, []int{-1}},
	} {
		all := slices.Clone(tt.sockets)
		left := len(all)
		for i, got := range tt.sockets.Take(tt.routes) {
			if got != nil {
				left--
			}
			if number := slices.Index(all, got); number != tt.takes[i] {
				t.Errorf("%s: route %d takes %d, want %d", tt.name, i, number, tt.takes[i])
			}
		}
		if len(tt.sockets) != left {
			t.Errorf("%s: %d are left, want %d", tt.name, len(tt.sockets), left)
		}
	}
}
