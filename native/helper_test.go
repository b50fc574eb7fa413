//go:build linux || darwin || freebsd || windows

package native

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
)

// patience bounds every wait of these tests, far above what any needs.
const patience = 30 * time.Second

var loopback = netip.MustParseAddrPort("127.0.0.1:0")

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("got error %v", err)
	}
}

// value is must for a call with a result: value(call())(t).
func value[T any](v T, err error) func(testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func wantErr(t testing.TB, what string, err, want error) {
	t.Helper()
	if err != want {
		t.Errorf("%s: got error %v, want %v", what, err, want)
	}
}

// open makes a socket that is closed when the test ends.
func open(t testing.TB, family core.Family, typ core.Type) *socket {
	t.Helper()
	s, err := Network{}.Socket(family, typ, 0)
	must(t, err)
	t.Cleanup(func() { _ = s.Close() })
	return s.(*socket)
}

func stream(t testing.TB) *socket   { return open(t, core.AF_INET, core.SOCK_STREAM) }
func datagram(t testing.TB) *socket { return open(t, core.AF_INET, core.SOCK_DGRAM) }

// listening returns a listener on loopback with its address.
func listening(t testing.TB, backlog int) (*socket, netip.AddrPort) {
	t.Helper()
	s := stream(t)
	must(t, s.Bind(loopback))
	must(t, s.Listen(backlog))
	return s, value(s.GetSockName())(t)
}

// streamPair returns two ends of one connection.
func streamPair(t testing.TB) (client, server core.Socket) {
	t.Helper()
	listener, address := listening(t, 1)
	defer listener.Close()
	client = stream(t)
	must(t, client.Connect(address))
	server, _, err := listener.Accept()
	must(t, err)
	t.Cleanup(func() { _ = server.Close() })
	return client, server
}

// started runs call in a goroutine and returns a function that waits for its
// error.
func started(t testing.TB, call func() error) (result func() error) {
	t.Helper()
	done := make(chan error, 1)
	go func() { done <- call() }()
	return func() error {
		t.Helper()
		select {
		case err := <-done:
			return err
		case <-time.After(patience):
			t.Fatal("the call did not return")
			return nil
		}
	}
}

func eventually(t testing.TB, complaint string, holds func() bool) {
	t.Helper()
	coretest.Eventually(t, patience, complaint, holds)
}
