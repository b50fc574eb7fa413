package memnet_test

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

func TestTheSameScriptGivesTheSameResults(t *testing.T) {
	first := script(t)
	for range 20 {
		if again := script(t); again != first {
			t.Fatalf("first:\n%s\nagain:\n%s", first, again)
		}
	}
	if !strings.Contains(first, "127.0.0.1:49152") {
		t.Errorf("the first port is not 49152:\n%s", first)
	}
}

// script writes down ports, descriptors, counts and errors.
func script(t *testing.T) string {
	var log strings.Builder
	n := new(memnet.Network)
	note := func(what string, values ...any) { fmt.Fprintln(&log, what, fmt.Sprint(values...)) }
	for range 3 {
		client, server := pair(t, n)
		note("filenos", client.Fileno(), server.Fileno())
		note("names", nameOf(t, client), nameOf(t, server))
		ok(t, client.SetBlocking(false))
		sent, err := client.Send(make([]byte, 1<<20), 0)
		note("send", sent, err)
		_, err = client.Send([]byte("x"), 0)
		note("send", err)
		ok(t, server.Close())
		_, err = recv(client)
		note("recv", err)
		u := open(t, n, core.SOCK_DGRAM)
		ok(t, u.Bind(loopback))
		note("datagram", nameOf(t, u), u.Fileno())
	}
	return log.String()
}

func TestBuffersHoldWhatTheyAreSetTo(t *testing.T) {
	n := new(memnet.Network)
	l := listen(t, n, 0)
	ok(t, core.SetInt(l, core.SOL_SOCKET, core.SO_RCVBUF, 5000))
	c := open(t, n, core.SOCK_STREAM)
	ok(t, core.SetInt(c, core.SOL_SOCKET, core.SO_SNDBUF, 3000))
	ok(t, c.Connect(nameOf(t, l)))
	ok(t, c.SetBlocking(false))
	sent, err := c.Send(make([]byte, 1<<20), 0)
	ok(t, err)
	if sent != 8000 {
		t.Errorf("%d bytes fit, want 5000 + 3000", sent)
	}
}

func TestNetworksCannotReachEachOther(t *testing.T) {
	here, there := new(memnet.Network), new(memnet.Network)
	l := listen(t, there, 1)
	fails(t, open(t, here, core.SOCK_STREAM).Connect(nameOf(t, l)), core.ECONNREFUSED)
	list := []core.PollFd{{Socket: l, Events: core.POLLIN}}
	if _, err := here.Poll(context.Background(), list, -1); err != nil || list[0].Revents != core.POLLNVAL {
		t.Errorf("a stranger's events are %#x, error %v", list[0].Revents, err)
	}
}

func TestHostsBelongToTheWorld(t *testing.T) {
	ip := netip.MustParseAddr("192.0.2.25")
	n := &memnet.Network{Hosts: map[string][]netip.Addr{"mail.example": {ip}}}
	found, err := n.GetAddrInfo(context.Background(), "Mail.Example", core.AF_UNSPEC)
	ok(t, err)
	if !slices.Equal(found, []netip.Addr{ip}) {
		t.Fatalf("mail.example is %v", found)
	}
	l := open(t, n, core.SOCK_STREAM)
	ok(t, l.Bind(netip.AddrPortFrom(ip, 25)))
	ok(t, l.Listen(0))
	c := open(t, n, core.SOCK_STREAM)
	ok(t, c.Connect(netip.AddrPortFrom(ip, 25)))
	elsewhere := netip.MustParseAddrPort("192.0.2.26:25")
	fails(t, open(t, n, core.SOCK_STREAM).Connect(elsewhere), core.ENETUNREACH)
	_, err = open(t, n, core.SOCK_DGRAM).SendTo(nil, 0, elsewhere)
	fails(t, err, core.ENETUNREACH)
}

func TestLocalhostHasBothFamilies(t *testing.T) {
	found, err := new(memnet.Network).GetAddrInfo(context.Background(), "localhost", core.AF_UNSPEC)
	ok(t, err)
	want := []netip.Addr{netip.IPv6Loopback(), loopback.Addr()}
	if !slices.Equal(found, want) {
		t.Errorf("localhost is %v, want %v", found, want)
	}
}

func TestEveryPortTakenIsEADDRINUSE(t *testing.T) {
	n := new(memnet.Network)
	var last core.Socket
	for range 65536 - 49152 {
		last = open(t, n, core.SOCK_DGRAM)
		ok(t, last.Bind(loopback))
	}
	fails(t, open(t, n, core.SOCK_DGRAM).Bind(loopback), core.EADDRINUSE)
	ok(t, last.Close())
	ok(t, open(t, n, core.SOCK_DGRAM).Bind(loopback))
}

func TestRawSocketsAreEPERM(t *testing.T) {
	_, err := new(memnet.Network).Socket(core.AF_INET, core.SOCK_RAW, 1)
	fails(t, err, core.EPERM)
}

func TestAGroupHearsWhatIsSentToIt(t *testing.T) {
	n := new(memnet.Network)
	group := netip.MustParseAddr("224.0.0.251")
	join := append(group.AsSlice(), loopback.Addr().AsSlice()...)
	r, s := open(t, n, core.SOCK_DGRAM), open(t, n, core.SOCK_DGRAM)
	ok(t, r.Bind(netip.MustParseAddrPort("0.0.0.0:5353")))
	ok(t, r.SetSockOpt(core.SOL_IP, core.IP_ADD_MEMBERSHIP, join))
	fails(t, r.SetSockOpt(core.SOL_IP, core.IP_ADD_MEMBERSHIP, join), core.EADDRINUSE)
	_, err := s.SendTo([]byte("who is there"), 0, netip.AddrPortFrom(group, 5353))
	ok(t, err)
	receives(t, r, "who is there")
	ok(t, r.SetSockOpt(core.SOL_IP, core.IP_DROP_MEMBERSHIP, join))
	_, err = s.SendTo([]byte("nobody"), 0, netip.AddrPortFrom(group, 5353))
	ok(t, err)
	ok(t, r.SetBlocking(false))
	_, err = recv(r)
	fails(t, err, core.EAGAIN)
}
