package wasmhost

import (
	"net/netip"
	"testing"

	"github.com/sandsock/sandsock/core"
)

// What a guest may do with datagrams, and with a socket that is only lent.

func TestTheLentSocketStaysTheRoutes(t *testing.T) {
	f := newFixture(t, nil)
	d := f.newDriver(grant(t, core.UseConnect, "*"))
	s := f.socket(core.SOCK_DGRAM)
	must(t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	d.table.add(descriptor{socket: s, lent: new(loan), peers: new(peers)})
	ptr, length := d.put("127.0.0.1:53")
	d.fails(core.EPERM, "shutdown", 3, core.SHUT_RD)
	d.fails(core.EPERM, "connect", 3, ptr, length)
	d.fails(core.EPERM, "connect_ex", 3, ptr, length)
	d.fails(core.EPERM, "bind", 3, ptr, length)
	d.fails(core.EPERM, "listen", 3, 1)
	d.fails(core.EPERM, "setsockopt", 3, core.SOL_SOCKET, core.SO_RCVBUF, bufferAt, 4)
	d.errno(core.EPERM, "sock_shutdown", 3, 3)
	d.ok("close", 3)
	if s.Fileno() < 0 {
		t.Error("the guest closed the route's socket")
	}
}

func TestADatagramThatIsOnlyLookedAtIsDropped(t *testing.T) {
	recv := hostFunction("recv")
	for name, params := range map[string][2]int32{"peek": {10, core.MSG_PEEK}, "an empty buffer": {0, 0}} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, nil)
			s := f.socket(core.SOCK_DGRAM)
			must(t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
			file := handlerOf(code(param0, i32Const(bufferAt), i32Const(params[0]), i32Const(params[1]), callFunc(0), drop, i32Const(0)), recv)
			route, address := f.serve(RouteConfig{Plugin: f.load("peeks", file), Socket: s})
			c := f.socket(core.SOCK_DGRAM)
			for range 2 {
				_, err := c.SendTo([]byte("x"), 0, address)
				must(t, err)
			}
			f.reports.waitCount(t, EventClosed, 2)
			f.drain(route)
			if n := f.reports.count(EventClosed); n != 2 {
				t.Errorf("two datagrams called the handler %d times", n)
			}
		})
	}
}

func TestVectorsOfADatagramAreOneDatagram(t *testing.T) {
	f := newFixture(t, nil)
	peer := f.socket(core.SOCK_DGRAM)
	must(t, peer.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	address, err := peer.GetSockName()
	must(t, err)
	d := f.newDriver(grant(t, core.UseSend, address.String()))
	d.ok("socket", 2, 2, 0)
	ptr, length := d.put(address.String())
	d.ok("connect", 3, ptr, length)
	d.memory.WriteString(bufferAt, "abcdef")
	d.iovec(0, bufferAt, 2)
	d.iovec(1, bufferAt+2, 4)
	d.errno(0, "fd_write", 3, iovecAt, 2, resultAt)
	p := make([]byte, 100)
	n, from, err := peer.RecvFrom(p, 0)
	if err != nil || string(p[:n]) != "abcdef" {
		t.Errorf("the peer got %q, %v", p[:n], err)
	}
	_, err = peer.SendTo([]byte("123456"), 0, from)
	must(t, err)
	d.errno(0, "fd_read", 3, iovecAt, 2, resultAt)
	if got := d.read(bufferAt, d.u32(resultAt)); got != "123456" {
		t.Errorf("fd_read gives %q", got)
	}
}

func TestWhoWroteMayBeAnsweredOnlyWhereListeningWasGranted(t *testing.T) {
	f := newFixture(t, nil)
	stranger := f.socket(core.SOCK_DGRAM)
	must(t, stranger.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	from, err := stranger.GetSockName()
	must(t, err)
	for _, granted := range []bool{false, true} {
		d := f.newDriver(grant(t, core.UseSend, "127.0.0.9:9"))
		d.ok("socket", 2, 2, 0)
		if granted {
			d.ok("bind", append([]uint64{3}, d.bindAny()...)...)
		} else {
			ptr, length := d.put("127.0.0.9:9")
			d.ok("sendto", 3, bufferAt, 1, 0, ptr, length) // which binds it
		}
		own, err := d.table.entries[3].socket.GetSockName()
		must(t, err)
		_, err = stranger.SendTo([]byte("x"), 0, netip.AddrPortFrom(from.Addr(), own.Port()))
		must(t, err)
		d.ok("recvfrom", 3, bufferAt, 8, 0, 0, 0, 0)
		for range 100 { // what fails is nobody's address
			d.fails(core.EAGAIN, "recvfrom", 3, bufferAt, 8, core.MSG_DONTWAIT, 0, 0, 0)
		}
		ptr, length := d.put(from.String())
		if granted {
			d.ok("sendto", 3, bufferAt, 1, 0, ptr, length)
		} else {
			d.fails(core.EACCES, "sendto", 3, bufferAt, 1, 0, ptr, length)
		}
	}
}

func TestADrainCancelsAPollOfTheLentSocketAsItsNews(t *testing.T) {
	f := newFixture(t, nil)
	d := f.newDriver(nil)
	s := f.socket(core.SOCK_DGRAM)
	must(t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	d.table.add(descriptor{socket: s, lent: new(loan), peers: new(peers)})
	s.SetCanceled(true)
	d.subscribe(0, eventRead, 3, 0)
	if got := d.pollOneoff(1); got != "100:1 errno 11" {
		t.Errorf("poll_oneoff: %s", got)
	}
}
