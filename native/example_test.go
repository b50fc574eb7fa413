//go:build linux || darwin || freebsd || windows

package native_test

import (
	"bytes"
	"fmt"
	"net/netip"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/native"
)

// An upper-case echo, one connection long: the calls are Python's.
func Example() {
	server, err := native.Network{}.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer server.Close()
	_ = server.Bind(netip.MustParseAddrPort("127.0.0.1:0"))
	_ = server.Listen(5)
	address, _ := server.GetSockName()
	go func() {
		conn, _, err := server.Accept()
		if err != nil {
			return
		}
		defer conn.Close()
		p := make([]byte, 1024)
		n, _ := conn.Recv(p, 0)
		_ = conn.SendAll(bytes.ToUpper(p[:n]), 0)
	}()

	client, err := native.Network{}.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer client.Close()
	_ = client.Connect(address)
	_ = client.SendAll([]byte("hello"), 0)
	p := make([]byte, 1024)
	n, err := client.Recv(p, core.MSG_WAITALL)
	fmt.Printf("%s %v\n", p[:n], err)
	// Output: HELLO <nil>
}
