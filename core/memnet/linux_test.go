package memnet_test

import (
	"context"
	"net/netip"
	"testing"

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
