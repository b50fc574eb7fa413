package memnet_test

import (
	"fmt"
	"net/netip"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// One goroutine is enough: a connect completes in the listener's backlog.
func Example() {
	var n memnet.Network
	listener, _ := n.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	listener.Bind(netip.MustParseAddrPort("127.0.0.1:6565"))
	listener.Listen(5)

	client, _ := n.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	client.Connect(netip.MustParseAddrPort("127.0.0.1:6565"))
	client.SendAll([]byte("hello"), 0)

	conn, peer, _ := listener.Accept()
	p := make([]byte, 1024)
	k, _ := conn.Recv(p, 0)
	fmt.Printf("%s from %v\n", p[:k], peer)
	// Output: hello from 127.0.0.1:49152
}

// A wire that carries two bytes at a time, and then breaks.
func ExampleNetwork_faults() {
	receives := 0
	n := memnet.Network{Faults: func(call string, _ int) memnet.Fault {
		if call != "recv" {
			return memnet.Fault{}
		}
		receives++
		return memnet.Fault{Max: 2, Reset: receives == 3}
	}}
	server, _ := n.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	server.Listen(1)
	address, _ := server.GetSockName()
	client, _ := n.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	client.Connect(address)
	conn, _, _ := server.Accept()

	client.SendAll([]byte("abcd"), 0)
	p := make([]byte, 1024)
	for range 3 {
		k, err := conn.Recv(p, 0)
		fmt.Printf("%q %v\n", p[:k], err)
	}
	// Output:
	// "ab" <nil>
	// "cd" <nil>
	// "" connection reset by peer
}
