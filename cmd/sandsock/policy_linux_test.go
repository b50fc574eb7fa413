package main_test

import (
	"fmt"
	"slices"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/wasmhost"
)

// The grants against the kernel: what is denied reaches nobody.

const (
	v4, v6   = core.AF_INET, core.AF_INET6
	stream   = core.SOCK_STREAM
	datagram = core.SOCK_DGRAM
)

func TestADeniedConnectReachesNobody(t *testing.T) {
	home := listening(t, "127.0.0.1", 0)
	port := portOf(home.Addr())
	allowed, denied := listening(t, "127.0.0.2", port), listening(t, "127.0.0.3", port)
	at := func(host string) string { return fmt.Sprintf("%s:%d", host, port) }
	p := newProbing(t, 0)
	g := p.start("connect "+at("127.0.0.2"), "connect 127.0.0.3:1", "listen "+at("127.0.0.3"), "send "+at("127.0.0.3"))
	attempts := []struct {
		family core.Family
		text   string
		want   core.Errno
	}{
		{v4, at("127.0.0.3"), core.EACCES},
		{v4, at("127.0.0.1"), core.EACCES},
		{v4, at(""), core.EACCES},
		{v4, at("0.0.0.0"), core.EACCES},
		{v4, at("localhost"), core.EACCES},
		{v4, at("127.1"), core.EAI_NONAME},
		{v4, at("2130706433"), core.EAI_NONAME},
		{v4, at("0x7f000001"), core.EAI_NONAME},
		{v6, at("[::]"), core.EACCES},
		{v6, at("[::ffff:127.0.0.1]"), core.EACCES},
		{v6, at("[::ffff:7f00:3]"), core.EACCES},
		{v6, at("[::ffff:0.0.0.0]"), core.EACCES},
		{v6, at("[::127.0.0.1]"), core.EACCES},
		{v6, at("[64:ff9b::7f00:1]"), core.EACCES},
	}
	for _, a := range attempts {
		for _, call := range []string{"connect", "connect_ex"} {
			fd := g.socket(a.family, stream)
			g.expect(is(a.want), call, fd, a.text)
			g.expect("0", "close", fd)
		}
	}
	untouched(t, denied)
	untouched(t, home)
	for family, host := range map[core.Family]string{v4: "127.0.0.2", v6: "[::ffff:127.0.0.2]"} {
		fd := g.socket(family, stream)
		g.expect("0", "connect", fd, at(host))
		conn, err := allowed.Accept()
		check(t, err)
		check(t, conn.Close())
	}
}

// TestWithoutGrantsTheKernelConnects shows what the check is for: each of
// these texts is 127.0.0.1.
func TestWithoutGrantsTheKernelConnects(t *testing.T) {
	if probedApart(t, wasmhost.DefenceGrants) {
		return
	}
	home := listening(t, "127.0.0.1", 0)
	with, g := newProbing(t, 0).start(), newProbing(t, wasmhost.DefenceGrants).start()
	for text, family := range map[string]core.Family{
		"127.0.0.1": v4, "": v4, "0.0.0.0": v4, "localhost": v4, "[::ffff:127.0.0.1]": v6, "[::ffff:0.0.0.0]": v6,
	} {
		at := fmt.Sprintf("%s:%d", text, portOf(home.Addr()))
		with.expect(is(core.EACCES), "connect", with.socket(family, stream), at)
		fd := g.socket(family, stream)
		g.expect("0", "connect", fd, at)
		conn, err := home.Accept()
		check(t, err)
		check(t, conn.Close())
		g.expect("0", "close", fd)
	}
	faults.Row(t, "T34", "EACCES", "each text connects to 127.0.0.1")
}

func TestADeniedDatagramReachesNobody(t *testing.T) {
	if probedApart(t, wasmhost.DefenceGrants) {
		return
	}
	reached := map[wasmhost.Defences]string{}
	for _, without := range []wasmhost.Defences{0, wasmhost.DefenceGrants} {
		allowed := receiving(t, "127.0.0.2", 0)
		port := portOf(allowed.LocalAddr())
		denied := receiving(t, "127.0.0.3", port)
		at := func(host string) string { return fmt.Sprintf("%s:%d", host, port) }
		g := newProbing(t, without).start("send "+at("127.0.0.2"), "listen 0.0.0.0:0")
		unbound, bound, connected := g.socket(v4, datagram), g.socket(v4, datagram), g.socket(v4, datagram)
		mapped := g.socket(v6, datagram)
		g.expect("0", "bind", bound, ":0")
		g.expect("0", "connect", connected, at("127.0.0.2"))
		g.do("sendto", unbound, at("127.0.0.3"))
		g.do("sendto", bound, at("127.0.0.3"))
		g.do("sendto", connected, at("127.0.0.3")) // where the kernel would follow
		g.do("connect", unbound, at("127.0.0.3"))
		g.do("send", unbound, "after a connect")
		g.do("connect_ex", connected, at("127.0.0.3"))
		g.do("send", connected, "after another connect")
		g.do("sendto", mapped, at("[::ffff:127.0.0.3]"))
		got := received(t, denied)
		reached[without] = fmt.Sprintf("%d datagrams arrive", len(got))
		if without == 0 && len(got) != 0 {
			t.Errorf("the denied address received %q", got)
		}
		if without == wasmhost.DefenceGrants && len(got) != 6 {
			t.Errorf("without the check the denied address received %q", got)
		}
		g.do("sendto", bound, at("127.0.0.2"))
		if got := received(t, allowed); !slices.Contains(got, at("127.0.0.2")) {
			t.Errorf("the allowed address received %q", got)
		}
	}
	faults.Row(t, "T33", reached[0], reached[wasmhost.DefenceGrants])
}

func TestABroadcastIsNotARangeOfAddresses(t *testing.T) {
	g := newProbing(t, 0).start("send 127.0.0.0/8")
	fd := g.socket(v4, datagram)
	g.expect(is(core.EACCES), "setsockopt", fd, core.SOL_SOCKET, core.SO_BROADCAST, "01000000")
	g.expect(is(core.EACCES), "sendto", fd, "127.255.255.255:9") // by the kernel
	named := newProbing(t, 0).start("send 127.0.0.0/8", "send 127.255.255.255:9")
	fd = named.socket(v4, datagram)
	named.expect("0", "setsockopt", fd, core.SOL_SOCKET, core.SO_BROADCAST, "01000000")
	named.expect("17", "sendto", fd, "127.255.255.255:9")
}

func TestNoSocketButTCPAndUDP(t *testing.T) {
	if probedApart(t) {
		return
	}
	g := newProbing(t, 0).start("connect *", "send *")
	for _, tt := range []struct {
		family, typ, proto int
		want               core.Errno
	}{
		{1, 1, 0, core.EAFNOSUPPORT},  // AF_UNIX
		{16, 3, 0, core.EPERM},        // AF_NETLINK
		{17, 2, 0, core.EAFNOSUPPORT}, // AF_PACKET
		{17, 3, 0, core.EPERM},
		{40, 1, 0, core.EAFNOSUPPORT}, // AF_VSOCK
		{2, 3, 1, core.EPERM},         // SOCK_RAW
		{10, 3, 58, core.EPERM},
		{2, 10, 0, core.ESOCKTNOSUPPORT},  // SOCK_PACKET
		{2, 1, 262, core.EPROTONOSUPPORT}, // MPTCP
		{2, 2, 1, core.EPROTONOSUPPORT},   // ICMP
		{2, 1 | 2048, 0, core.EINVAL},     // SOCK_NONBLOCK
	} {
		g.expect(is(tt.want), "socket", tt.family, tt.typ, tt.proto)
	}
	for family, text := range map[core.Family]string{v4: "\x00abstract:0", v6: "@abstract:0"} {
		fd := g.socket(family, stream)
		g.expect(is(core.EAI_NONAME), "connect", fd, text)
	}
	faults.Row(t, "T37", "no other family, no raw socket, no MPTCP", faults.Always("the call makes no other"))
}

// TestAGuestListensWhereItMay has the port of another guest too, and the
// option that would share it.
func TestAGuestListensWhereItMay(t *testing.T) {
	if probedApart(t, wasmhost.DefenceGrants) {
		return
	}
	taken := listening(t, "127.0.0.1", 0)
	port := portOf(taken.Addr())
	at := fmt.Sprintf("127.0.0.1:%d", port)
	g := newProbing(t, 0).start("listen " + at)
	for _, tt := range []struct {
		text string
		want core.Errno
	}{
		{"127.0.0.1:0", core.EACCES}, {":0", core.EACCES}, {"127.0.0.1:80", core.EACCES}, {"127.0.0.2:80", core.EACCES},
		{fmt.Sprintf(":%d", port), core.EACCES}, {at, core.EADDRINUSE},
	} {
		fd := g.socket(v4, stream)
		g.expect(is(tt.want), "bind", fd, tt.text)
		g.expect(is(core.EACCES), "listen", fd)
		g.expect("0", "close", fd)
	}
	bare := newProbing(t, wasmhost.DefenceGrants).start()
	fd := bare.socket(v4, stream)
	bare.expect("0", "bind", fd, ":0")
	bare.expect("0", "listen", fd)
	faults.Row(t, "T17", "EACCES without the right, EADDRINUSE where another listens", "a guest without a grant listens on every address")
}

func TestTwoGuestsDoNotShareAPort(t *testing.T) {
	if probedApart(t, wasmhost.DefenceGrants) {
		return
	}
	for _, without := range []wasmhost.Defences{0, wasmhost.DefenceGrants} {
		free := listening(t, "127.0.0.9", 0)
		at := free.Addr().String()
		check(t, free.Close())
		p := newProbing(t, without)
		for _, typ := range []core.Type{stream, datagram} {
			var results []string
			guests := []*prober{p.start("listen " + at), p.start("listen " + at)}
			for _, g := range guests {
				fd := g.socket(v4, typ)
				g.do("setsockopt", fd, core.SOL_SOCKET, core.SO_REUSEPORT, "01000000")
				g.do("setsockopt", fd, core.SOL_SOCKET, core.SO_REUSEADDR, "01000000")
				result := g.do("bind", fd, at)
				if typ == stream && result == "0" {
					result = g.do("listen", fd)
				}
				results = append(results, result)
			}
			want := []string{"0", is(core.EADDRINUSE)}
			if without != 0 {
				want[1] = "0" // taken
			}
			if typ == stream && without == 0 {
				faults.Row(t, "T18", "EADDRINUSE", "both guests have the port")
			}
			if !slices.Equal(results, want) {
				t.Errorf("%v, without %v: two guests bind one port: %v, want %v", typ, without, results, want)
			}
			for _, g := range guests {
				g.end()
			}
		}
	}
}

func TestSocketsEndAtTheLimitAndAreGivenBack(t *testing.T) {
	if probedApart(t) {
		return
	}
	home := listening(t, "127.0.0.1", 0)
	p := newProbing(t, 0)
	base := measure()
	g := p.start("connect " + home.Addr().String())
	other := p.start()
	for range wasmhost.DefaultLimits().Sockets {
		g.socket(v4, stream)
	}
	for range 100 {
		g.expect(is(core.EMFILE), "socket", int(v4), int(stream), 0)
	}
	most := base.descriptors + wasmhost.DefaultLimits().Sockets
	coretest.Eventually(t, patience, "the guest holds more descriptors of the process", func() bool {
		return measure().descriptors <= most // a client of the neighbour has one too, for a moment
	})
	other.socket(v4, stream) // which has its own
	other.end()
	g.end() // without a close
	leak(t, base)
	faults.Row(t, "T12", "EMFILE after 16, and another guest has its own", faults.Always("the row without is wasmhost's"))
	faults.Row(t, "T20", "what the guest left open is closed", faults.Always("what is freed is freed always"))
}
