package memnet_test

import (
	"context"
	"net/netip"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// What Linux takes for a name, and whose a port is.

func TestAPortThatWasNotAskedForGoesBack(t *testing.T) {
	abort := []byte{1, 0, 0, 0, 0, 0, 0, 0}
	n := new(memnet.Network)

	t.Run("when a listener is shut", func(t *testing.T) {
		l := listen(t, n, 1)
		name := nameOf(t, l)
		ok(t, l.Shutdown(core.SHUT_RD))
		if got := nameOf(t, l); got != name {
			t.Errorf("the name is %v, was %v", got, name)
		}
		ok(t, open(t, n, core.SOCK_STREAM).Bind(name))
		ok(t, l.Bind(loopback))
		fails(t, l.Bind(loopback), core.EINVAL)
	})
	t.Run("but one asked for by number stays", func(t *testing.T) {
		l, at := open(t, n, core.SOCK_STREAM), netip.MustParseAddrPort("127.0.0.1:7")
		ok(t, l.Bind(at))
		ok(t, l.Listen(1))
		ok(t, l.Shutdown(core.SHUT_RD))
		fails(t, l.Bind(loopback), core.EINVAL)
		fails(t, open(t, n, core.SOCK_STREAM).Bind(at), core.EADDRINUSE)
	})
	t.Run("when a connection is reset", func(t *testing.T) {
		l := listen(t, n, 1)
		c := open(t, n, core.SOCK_STREAM)
		ok(t, c.Connect(nameOf(t, l)))
		conn, _, err := l.Accept()
		ok(t, err)
		defer conn.Close()
		ok(t, c.SetSockOpt(core.SOL_SOCKET, core.SO_LINGER, abort))
		ok(t, c.Close())
		name := nameOf(t, l)
		fails(t, conn.Bind(name), core.EADDRINUSE)
		if got := nameOf(t, conn); got != netip.AddrPortFrom(netip.IPv4Unspecified(), name.Port()) {
			t.Errorf("the name after the bind that failed is %v", got)
		}
		ok(t, conn.Bind(loopback))
	})
	t.Run("when a connect is refused", func(t *testing.T) {
		c := open(t, n, core.SOCK_STREAM)
		fails(t, c.Connect(netip.MustParseAddrPort("127.0.0.1:9")), core.ECONNREFUSED)
		ok(t, c.Bind(loopback))
	})
	t.Run("when a connect is given up", func(t *testing.T) {
		l := listen(t, n, 0)
		ok(t, open(t, n, core.SOCK_STREAM).Connect(nameOf(t, l)))
		c := open(t, n, core.SOCK_STREAM)
		ok(t, c.SetBlocking(false))
		fails(t, c.Connect(nameOf(t, l)), core.EINPROGRESS)
		ok(t, c.Shutdown(core.SHUT_RDWR))
		if got, err := core.GetInt(c, core.SOL_SOCKET, core.SO_ERROR); err != nil || got != int(core.ECONNRESET) {
			t.Errorf("SO_ERROR is %v, error %v", got, err)
		}
		ok(t, c.Bind(loopback))
	})
}

func TestASendWithNowhereToGoTakesAPort(t *testing.T) {
	s := open(t, new(memnet.Network), core.SOCK_DGRAM)
	fails(t, sendOne(s), core.EDESTADDRREQ)
	fails(t, s.Bind(loopback), core.EINVAL)
}

func TestASocketConnectsToItself(t *testing.T) {
	s := open(t, new(memnet.Network), core.SOCK_STREAM)
	ok(t, s.Bind(loopback))
	ok(t, s.Connect(nameOf(t, s)))
	ok(t, s.SendAll([]byte("echo"), 0))
	receives(t, s, "echo")
	ok(t, s.Shutdown(core.SHUT_WR))
	receives(t, s, "")
	_, err := s.GetPeerName()
	fails(t, err, core.ENOTCONN)
}

func TestASocketMayHaveTheAddressOfMany(t *testing.T) {
	for _, ip := range []string{"255.255.255.255:0", "224.0.0.1:0"} {
		for _, typ := range []core.Type{core.SOCK_STREAM, core.SOCK_DGRAM} {
			n, at := new(memnet.Network), netip.MustParseAddrPort(ip)
			s := open(t, n, typ)
			ok(t, s.Bind(at))
			if got := nameOf(t, s).Addr(); got != at.Addr() {
				t.Errorf("the name is %v, want %v", got, at)
			}
		}
	}
	s, err := new(memnet.Network).Socket(core.AF_INET6, core.SOCK_STREAM, 0)
	ok(t, err)
	defer s.Close()
	fails(t, s.Bind(netip.MustParseAddrPort("[ff02::1]:0")), core.EINVAL)
}

func TestADatagramSocketConnectsToPort0(t *testing.T) {
	n := new(memnet.Network)
	s, r := open(t, n, core.SOCK_DGRAM), receiver(t, n)
	ok(t, s.Connect(netip.MustParseAddrPort("127.0.0.1:0")))
	_, err := s.GetPeerName()
	fails(t, err, core.ENOTCONN)
	_, err = r.SendTo([]byte("hello"), 0, nameOf(t, s))
	ok(t, err)
	receives(t, s, "hello")
	ok(t, sendOne(s))
	fails(t, sendOne(s), core.ECONNREFUSED)
}

func TestAZoneIsANumber(t *testing.T) {
	n := new(memnet.Network)
	for name, want := range map[string]string{
		"fe80::1%lo": "fe80::1%1", "ff02::1%lo": "ff02::1%1",
		"fe80::1%07": "fe80::1%7", "::1%1": "::1%1", "fe80::1%0": "fe80::1",
		"fe80::1%nosuch": "", "::1%lo": "",
	} {
		found, err := n.GetAddrInfo(context.Background(), name, core.AF_INET6)
		if want == "" {
			fails(t, err, core.EAI_NONAME)
			continue
		}
		ok(t, err)
		if len(found) != 1 || found[0].String() != want {
			t.Errorf("%s is %v, want %s", name, found, want)
		}
	}
}
