package memnet_test

import (
	"context"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// What Linux and CPython do that one would not guess. Each was measured with
// python3; package coretest has what every world shares.

func sendOne(s core.Socket) error {
	_, err := s.Send([]byte("x"), 0)
	return err
}

func acceptError(s core.Socket) error {
	_, _, err := s.Accept()
	return err
}

func TestWithATimeoutACallThatCannotSucceedWaitsToo(t *testing.T) {
	dontWait := func(s core.Socket) error {
		_, err := s.Recv(make([]byte, 1), core.MSG_DONTWAIT)
		return err
	}
	recvError := func(s core.Socket) error { _, err := recv(s); return err }
	for _, c := range []struct {
		name string
		of   func(t testing.TB, n *memnet.Network) core.Socket
		call func(s core.Socket) error
	}{
		{"recv with MSG_DONTWAIT", client, dontWait},
		{"recv of a listener", listener, recvError},
		{"send of a listener", listener, sendOne},
		{"sendall of a listener", listener, func(s core.Socket) error { return s.SendAll([]byte("x"), 0) }},
		{"accept of a connection", client, acceptError},
		{"accept of a datagram socket", receiver, acceptError},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := c.of(t, new(memnet.Network))
				ok(t, s.SetTimeout(time.Minute))
				start := time.Now()
				fails(t, c.call(s), core.ErrTimeout)
				if took := time.Since(start); took != time.Minute {
					t.Errorf("the call took %v", took)
				}
			})
		})
	}
}

func client(t testing.TB, n *memnet.Network) core.Socket {
	c, _ := pair(t, n)
	return c
}

func listener(t testing.TB, n *memnet.Network) core.Socket { return listen(t, n, 1) }

func receiver(t testing.TB, n *memnet.Network) core.Socket {
	s := open(t, n, core.SOCK_DGRAM)
	ok(t, s.Bind(loopback))
	return s
}

func TestWithATimeoutWhatPollAnnouncesIsImmediate(t *testing.T) {
	n := new(memnet.Network)
	a := open(t, n, core.SOCK_STREAM)
	ok(t, a.SetTimeout(time.Hour))
	_, err := recv(a)
	fails(t, err, core.ENOTCONN)
	fails(t, sendOne(a), core.EPIPE)
	fails(t, acceptError(a), core.EINVAL)
	l := listen(t, n, 1)
	ok(t, open(t, n, core.SOCK_STREAM).Connect(nameOf(t, l)))
	ok(t, l.SetTimeout(time.Hour))
	_, err = recv(l)
	fails(t, err, core.ENOTCONN)
}

func TestAConnectWithATimeoutLeavesItsOutcomeToTheNext(t *testing.T) {
	n := new(memnet.Network)
	c := open(t, n, core.SOCK_STREAM)
	ok(t, c.SetTimeout(time.Hour))
	l := nameOf(t, listen(t, n, 1))
	for i, want := range []core.Errno{0, 0, core.EISCONN} {
		if got := c.ConnectEx(l); got != want {
			t.Errorf("connect %d is %v, want %v", i, got, want)
		}
	}
	c, dead := open(t, n, core.SOCK_STREAM), netip.MustParseAddrPort("127.0.0.1:9")
	ok(t, c.SetTimeout(time.Hour))
	for i, want := range []core.Errno{core.ECONNREFUSED, core.ECONNABORTED, core.ECONNREFUSED} {
		if got := c.ConnectEx(dead); got != want {
			t.Errorf("connect %d is %v, want %v", i, got, want)
		}
	}
}

func TestABlockingSendWaitsUntilAllIsTaken(t *testing.T) {
	const size = 1 << 20
	for _, c := range []struct {
		name string
		end  func(client, server core.Socket)
		all  bool
		next core.Errno
	}{
		{"read", func(_, server core.Socket) {
			p := make([]byte, size)
			server.Recv(p, core.MSG_WAITALL)
		}, true, 0},
		{"canceled", func(client, _ core.Socket) { client.SetCanceled(true) }, false, core.ECANCELED},
		{"closed", func(client, _ core.Socket) { client.Close() }, false, core.EBADF},
		{"reset", func(_, server core.Socket) { server.Close() }, false, core.ECONNRESET},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := pair(t, new(memnet.Network))
				sent := -1
				go func() { sent, _ = client.Send(make([]byte, size), 0) }()
				synctest.Wait()
				if sent != -1 {
					t.Fatalf("%d bytes were taken without waiting", sent)
				}
				c.end(client, server)
				synctest.Wait()
				if all := sent == size; all != c.all || sent <= 0 {
					t.Errorf("%d of %d bytes were taken", sent, size)
				}
				if err := sendOne(client); err != nil || c.next != 0 {
					fails(t, err, c.next)
				}
			})
		})
	}
}

func TestASendAllThatIsCanceledEndsThoughAPartWasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := pair(t, new(memnet.Network))
		done := make(chan error)
		go func() { done <- client.SendAll(make([]byte, 1<<20), 0) }()
		synctest.Wait()
		client.SetCanceled(true)
		client.SetCanceled(false)
		fails(t, <-done, core.ECANCELED)
	})
}

func TestAShutdownThatFailedIsRemembered(t *testing.T) {
	n := new(memnet.Network)
	l := listen(t, n, 1)

	t.Run("by reading", func(t *testing.T) {
		s := open(t, n, core.SOCK_STREAM)
		fails(t, s.Shutdown(core.SHUT_RD), core.ENOTCONN)
		receives(t, s, "")
		const want = core.POLLIN | core.POLLRDHUP | core.POLLOUT | core.POLLHUP
		if got := events(t, n, s); got != want {
			t.Errorf("the events are %#x, want %#x", got, want)
		}
	})
	t.Run("by a connection's sending", func(t *testing.T) {
		s := open(t, n, core.SOCK_STREAM)
		fails(t, s.Shutdown(core.SHUT_WR), core.ENOTCONN)
		ok(t, s.Connect(nameOf(t, l)))
		fails(t, sendOne(s), core.EPIPE)
		conn, _, err := l.Accept()
		ok(t, err)
		defer conn.Close()
		ok(t, conn.SetBlocking(false))
		_, err = recv(conn) // nobody has told the peer
		fails(t, err, core.EAGAIN)
		ok(t, s.Shutdown(core.SHUT_WR))
		receives(t, conn, "")
	})
	t.Run("by a datagram socket", func(t *testing.T) {
		r, s := receiver(t, n), open(t, n, core.SOCK_DGRAM)
		fails(t, s.Shutdown(core.SHUT_WR), core.ENOTCONN)
		_, err := s.SendTo([]byte("x"), 0, nameOf(t, r))
		fails(t, err, core.EPIPE)
		ok(t, s.Connect(nameOf(t, r)))
		fails(t, sendOne(s), core.EPIPE)
	})
	t.Run("by what a listener accepts", func(t *testing.T) {
		s := open(t, n, core.SOCK_STREAM)
		fails(t, s.Shutdown(core.SHUT_RDWR), core.ENOTCONN)
		ok(t, s.Listen(1))
		c := open(t, n, core.SOCK_STREAM)
		ok(t, c.Connect(netip.AddrPortFrom(loopback.Addr(), nameOf(t, s).Port())))
		conn, _, err := s.Accept()
		ok(t, err)
		defer conn.Close()
		fails(t, sendOne(conn), core.EPIPE)
		receives(t, c, "")
	})
}

// events is everything that is true of s.
func events(t testing.TB, n *memnet.Network, s core.Socket) int16 {
	t.Helper()
	list := []core.PollFd{{Socket: s, Events: core.POLLIN | core.POLLOUT | core.POLLRDHUP}}
	_, err := n.Poll(context.Background(), list, 0)
	ok(t, err)
	return list[0].Revents
}

func TestListenAgainIgnoresItsOwnConnections(t *testing.T) {
	n := new(memnet.Network)
	l := listen(t, n, 1)
	ok(t, open(t, n, core.SOCK_STREAM).Connect(nameOf(t, l)))
	ok(t, l.Listen(0))
	conn, _, err := l.Accept()
	ok(t, err)
	defer conn.Close()
	ok(t, l.Listen(3))
}

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

func TestOptionsAreLinuxs(t *testing.T) {
	n := new(memnet.Network)
	tcp, udp := open(t, n, core.SOCK_STREAM), open(t, n, core.SOCK_DGRAM)
	_, err := core.GetInt(udp, core.SOL_TCP, core.TCP_NODELAY)
	fails(t, err, core.ENOTSUP)
	_, err = core.GetInt(tcp, core.SOL_IPV6, core.IPV6_V6ONLY)
	fails(t, err, core.ENOTSUP)
	fails(t, core.SetInt(tcp, core.SOL_TCP, core.TCP_MAXSEG, 87), core.EINVAL)
	ok(t, core.SetInt(tcp, core.SOL_TCP, core.TCP_MAXSEG, 0))
	ok(t, core.SetInt(tcp, core.SOL_IP, core.IP_TOS, 255))
	is(t, tcp, core.SOL_IP, core.IP_TOS, 252)
	ok(t, core.SetInt(udp, core.SOL_IP, core.IP_TOS, 0x1ff))
	is(t, udp, core.SOL_IP, core.IP_TOS, 255)

	six, err := n.Socket(core.AF_INET6, core.SOCK_DGRAM, 0)
	ok(t, err)
	defer six.Close()
	fails(t, core.SetInt(six, core.SOL_IPV6, core.IPV6_MULTICAST_IF, 99999), core.ENODEV)
	is(t, six, core.SOL_IPV6, core.IPV6_V6ONLY, 0)
	ok(t, six.Bind(netip.MustParseAddrPort("[::1]:0")))
	is(t, six, core.SOL_IPV6, core.IPV6_V6ONLY, 1)
}

func is(t testing.TB, s core.Socket, level, option, want int) {
	t.Helper()
	got, err := core.GetInt(s, level, option)
	ok(t, err)
	if got != want {
		t.Errorf("option %d:%d is %d, want %d", level, option, got, want)
	}
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

func TestAConnectionThatIsResetBeforeAnybodyWasTold(t *testing.T) {
	for _, asked := range []bool{false, true} {
		n := new(memnet.Network)
		server := listener(t, n)
		address, err := server.GetSockName()
		ok(t, err)
		s, err := n.Socket(core.AF_INET, core.SOCK_STREAM, 0)
		ok(t, err)
		defer s.Close()
		ok(t, s.SetTimeout(core.NonBlocking))
		fails(t, s.Connect(address), core.EINPROGRESS)
		ok(t, server.Close()) // which resets who waits in its queue
		want := core.ECONNRESET
		if asked {
			_, err := core.GetInt(s, core.SOL_SOCKET, core.SO_ERROR)
			ok(t, err)
			want = core.ECONNABORTED
		}
		if got := s.ConnectEx(address); got != want {
			t.Errorf("with SO_ERROR taken %v: %v, want %v", asked, got, want)
		}
	}
}
