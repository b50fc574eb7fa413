package memnet_test

import (
	"net/netip"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

func ok(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func fails(t testing.TB, err error, want core.Errno) {
	t.Helper()
	if err != error(want) {
		t.Fatalf("error %v, want %v", err, want)
	}
}

func open(t testing.TB, n *memnet.Network, typ core.Type) core.Socket {
	t.Helper()
	s, err := n.Socket(core.AF_INET, typ, 0)
	ok(t, err)
	t.Cleanup(func() { s.Close() })
	return s
}

func nameOf(t testing.TB, s core.Socket) netip.AddrPort {
	t.Helper()
	name, err := s.GetSockName()
	ok(t, err)
	return name
}

func listen(t testing.TB, n *memnet.Network, backlog int) core.Socket {
	t.Helper()
	l := open(t, n, core.SOCK_STREAM)
	ok(t, l.Bind(loopback))
	ok(t, l.Listen(backlog))
	return l
}

func pair(t testing.TB, n *memnet.Network) (client, server core.Socket) {
	t.Helper()
	l := listen(t, n, 0)
	client = open(t, n, core.SOCK_STREAM)
	ok(t, client.Connect(nameOf(t, l)))
	server, _, err := l.Accept()
	ok(t, err)
	t.Cleanup(func() { server.Close() })
	return client, server
}

func recv(s core.Socket) (string, error) {
	p := make([]byte, 1<<16)
	n, err := s.Recv(p, 0)
	return string(p[:n]), err
}

func receives(t testing.TB, s core.Socket, want string) {
	t.Helper()
	got, err := recv(s)
	ok(t, err)
	if got != want {
		t.Fatalf("received %q, want %q", got, want)
	}
}
