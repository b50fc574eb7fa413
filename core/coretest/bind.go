package coretest

import (
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

var bindCases = []testCase{
	{name: "port 0 lets the system choose", run: func(w *world) {
		for _, s := range []core.Socket{w.tcp(), w.udp()} {
			w.ok(s.Bind(w.loopback(0)))
			name := w.name(s)
			equal(w, "the address", name.Addr(), w.loopback(0).Addr())
			if name.Port() == 0 {
				w.Error("the port is still 0")
			}
		}
	}},
	{name: "the wildcard stays the wildcard", run: func(w *world) {
		s := w.tcp()
		w.ok(s.Bind(w.wildcard(0)))
		equal(w, "the address", w.name(s).Addr(), w.wildcard(0).Addr())
	}},
	{name: "a port that was asked for is given", run: func(w *world) {
		w.binds(func() error {
			address, s := w.deadAddress(core.SOCK_STREAM), w.tcp()
			if err := s.Bind(address); err != nil {
				return err
			}
			equal(w, "the name", w.name(s), address)
			return nil
		})
	}},
	{name: "binding twice is EINVAL", run: func(w *world) {
		for _, s := range []core.Socket{w.tcp(), w.udp()} {
			w.onLoopback(s)
			w.fails(s.Bind(w.loopback(0)), core.EINVAL)
		}
	}},
	{name: "binding a connected socket is EINVAL", run: func(w *world) {
		client, _ := w.pair()
		w.fails(client.Bind(w.loopback(0)), core.EINVAL)
	}},
	{name: "an address in use is EADDRINUSE", run: func(w *world) {
		w.fails(w.tcp().Bind(w.name(w.listener(1))), core.EADDRINUSE)
		w.fails(w.udp().Bind(w.name(w.receiver())), core.EADDRINUSE)
	}},
	{name: "a bind that failed can be tried again elsewhere", run: func(w *world) {
		s := w.tcp()
		w.fails(s.Bind(w.name(w.listener(1))), core.EADDRINUSE)
		w.onLoopback(s)
	}},
	{name: "TCP and UDP have ports of their own", run: func(w *world) {
		w.binds(func() error { return w.udp().Bind(w.name(w.listener(1))) })
	}},
	{name: "the wildcard over an address in use is EADDRINUSE", run: func(w *world) {
		port := w.name(w.listener(1)).Port()
		w.fails(w.tcp().Bind(w.wildcard(port)), core.EADDRINUSE)
	}},
	{name: "the same port of another address is free", family: core.AF_INET, run: func(w *world) {
		w.binds(func() error {
			port := w.name(w.listener(1)).Port()
			return w.tcp().Bind(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.2"), port))
		})
	}},
	{name: "an address of another machine is EADDRNOTAVAIL", run: func(w *world) {
		foreign := netip.MustParseAddrPort("192.0.2.1:0")
		if w.family == core.AF_INET6 {
			foreign = netip.MustParseAddrPort("[2001:db8::1]:0")
		}
		w.fails(w.tcp().Bind(foreign), core.EADDRNOTAVAIL)
		w.fails(w.udp().Bind(foreign), core.EADDRNOTAVAIL)
	}},
	{name: "an address of the other family is EAI_ADDRFAMILY", run: func(w *world) {
		w.fails(w.tcp().Bind(w.otherFamily()), core.EAI_ADDRFAMILY)
	}},
	{name: "a closed socket gives its port back", run: func(w *world) {
		w.binds(func() error {
			l := w.listener(1)
			name := w.name(l)
			w.ok(l.Close())
			return w.tcp().Bind(name)
		})
	}},
}

var sharingCases = []testCase{
	{name: "two sockets with SO_REUSEADDR share an address until one listens", run: func(w *world) {
		a, b := w.reusable(core.SOCK_STREAM), w.reusable(core.SOCK_STREAM)
		w.onLoopback(a)
		w.ok(b.Bind(w.name(a)))
		w.ok(a.Listen(1))
		w.fails(b.Listen(1), core.EADDRINUSE)
		w.fails(w.reusable(core.SOCK_STREAM).Bind(w.name(a)), core.EADDRINUSE)
	}},
	{name: "SO_REUSEADDR of one socket alone does not help", run: func(w *world) {
		w.fails(w.reusable(core.SOCK_STREAM).Bind(w.name(w.onLoopback(w.tcp()))), core.EADDRINUSE)
	}},
	{name: "datagram sockets with SO_REUSEADDR share an address and the last one hears", run: func(w *world) {
		a, b := w.reusable(core.SOCK_DGRAM), w.reusable(core.SOCK_DGRAM)
		w.onLoopback(a)
		w.ok(b.Bind(w.name(a)))
		_, err := w.udp().SendTo([]byte("hi"), 0, w.name(a))
		w.ok(err)
		w.receives(b, "hi")
		w.ok(a.SetBlocking(false))
		w.fails(recvError(a), core.EAGAIN)
	}},
	{name: "two listeners with SO_REUSEPORT share an address", run: func(w *world) {
		a, b := w.tcp(), w.tcp()
		w.ok(core.SetInt(a, core.SOL_SOCKET, core.SO_REUSEPORT, 1))
		w.ok(core.SetInt(b, core.SOL_SOCKET, core.SO_REUSEPORT, 1))
		w.onLoopback(a)
		w.ok(b.Bind(w.name(a)))
		w.ok(a.Listen(1))
		w.ok(b.Listen(1))
	}},
	{name: "a living connection keeps its listener's port", run: func(w *world) {
		l := w.listener(1)
		w.connect(l)
		w.accept(l)
		name := w.name(l)
		w.ok(l.Close())
		w.fails(w.tcp().Bind(name), core.EADDRINUSE)
	}},
	{name: "a listener on the IPv6 wildcard takes IPv4 connections", family: core.AF_INET6, run: func(w *world) {
		l := w.tcp()
		w.ok(l.Listen(1))
		c := w.socketOf(core.AF_INET, core.SOCK_STREAM)
		w.ok(c.Connect(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), w.name(l).Port())))
		_, peer, err := l.Accept()
		w.ok(err)
		equal(w, "the peer", peer.Addr(), netip.MustParseAddr("::ffff:127.0.0.1"))
		equal(w, "the peer's port", peer.Port(), w.name(c).Port())
	}},
	{name: "the IPv6 wildcard and IPv4 collide unless IPV6_V6ONLY is set", family: core.AF_INET6, run: func(w *world) {
		both := w.tcp()
		w.ok(both.Bind(w.wildcard(0)))
		w.fails(w.bind4(w.name(both).Port()), core.EADDRINUSE)
		w.binds(func() error {
			only := w.tcp()
			w.ok(core.SetInt(only, core.SOL_IPV6, core.IPV6_V6ONLY, 1))
			w.ok(only.Bind(w.wildcard(0)))
			return w.bind4(w.name(only).Port())
		})
	}},
	{name: "a mapped address on an IPv6 socket reaches IPv4", family: core.AF_INET6, run: func(w *world) {
		l := w.socketOf(core.AF_INET, core.SOCK_STREAM)
		w.ok(l.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
		w.ok(l.Listen(1))
		mapped := netip.AddrPortFrom(netip.MustParseAddr("::ffff:127.0.0.1"), w.name(l).Port())
		c := w.tcp()
		w.ok(c.Connect(mapped))
		peer, err := c.GetPeerName()
		w.ok(err)
		equal(w, "the peer", peer, mapped)
		equal(w, "the name", w.name(c).Addr(), mapped.Addr())
	}},
}

func (w *world) reusable(typ core.Type) core.Socket {
	w.Helper()
	s := w.socket(typ)
	w.ok(core.SetInt(s, core.SOL_SOCKET, core.SO_REUSEADDR, 1))
	return s
}

func (w *world) bind4(port uint16) error {
	w.Helper()
	return w.socketOf(core.AF_INET, core.SOCK_STREAM).Bind(netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port))
}
