package faults

import (
	"bufio"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// parentAt is the environment variable that makes a test binary a child: where
// its parent listens, to which it connects. A line from the child, the
// neighbour's address, and one from the parent begin the test; another each
// ends it. Sockets do that on all systems, which descriptors 3 and up do not.
const parentAt = "SANDSOCK_FAULTS_PARENT"

// inChild is whether this process is the child of a test that has begun.
var inChild bool

// begin starts the neighbour and returns when it has answered once.
func begin(t *testing.T, parent string, neighbour func(*testing.T) string) {
	t.Helper()
	conn, err := net.DialTimeout("tcp", parent, silence)
	if err != nil {
		t.Fatal(err)
	}
	turns := bufio.NewScanner(conn)
	say := func(line string) {
		_ = conn.SetDeadline(time.Now().Add(5 * silence))
		_, _ = fmt.Fprintln(conn, line)
		if !turns.Scan() {
			t.Errorf("the parent does not answer: %v", turns.Err())
		}
	}
	address := neighbour(t)
	t.Cleanup(func() { // after the test's own, and before the neighbour's
		say("end")
		_ = conn.Close()
	})
	say(address)
}

// Front lets the kernel's sockets reach a server of another network, such as
// one in memory: it returns an address of the loopback network that leads to
// the server's until the test's end. Each message must be answered by one.
func Front(t *testing.T, network core.Network, to netip.AddrPort) (address string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		for {
			client, err := listener.Accept()
			if err != nil {
				return
			}
			relay(client, network, to)
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-over
	})
	return listener.Addr().String()
}

// relay serves one client. Clients come one after another.
func relay(client net.Conn, network core.Network, to netip.AddrPort) {
	defer client.Close()
	_ = client.SetDeadline(time.Now().Add(5 * silence))
	server, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return
	}
	defer server.Close()
	if server.SetTimeout(5*silence) != nil || server.Connect(to) != nil {
		return
	}
	for p := make([]byte, 1024); ; {
		n, err := client.Read(p)
		if err != nil || server.SendAll(p[:n], 0) != nil {
			return
		}
		if n, err = server.Recv(p, 0); n == 0 || err != nil {
			return
		}
		if _, err := client.Write(p[:n]); err != nil {
			return
		}
	}
}
