package main_test

import (
	"net"
	"testing"

	"github.com/sandsock/sandsock/core"
)

// TestAResetIsAnErrorToTheGuest has what the guest itself sees, and that it
// can go on.
func TestAResetIsAnErrorToTheGuest(t *testing.T) {
	home := listening(t, "127.0.0.1", 0)
	g := newProbing(t, 0).start("connect " + home.Addr().String())
	fd := g.socket(v4, stream)
	g.expect("0", "connect", fd, home.Addr().String())
	conn, err := home.Accept()
	check(t, err)
	check(t, conn.(*net.TCPConn).SetLinger(0))
	check(t, conn.Close())
	g.expect(is(core.ECONNRESET), "send", fd, "x")
	g.expect(is(core.EPIPE), "send", fd, "x")
	g.expect("0", "close", fd)
	g.socket(v4, stream)
}
