// Package listen is page 4.2: how many clients wait in the queue.
package listen

import (
	"fmt"
	"io"
	"net/netip"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show fills the queue of a server that accepts nobody, and then accepts one.
func Show(network core.Network, out io.Writer) error {
	server, address, err := local.Bound(network, core.SOCK_STREAM)
	if err != nil {
		return err
	}
	defer server.Close()
	if err := server.Listen(2); err != nil {
		return err
	}
	for i := range 4 {
		client, number, err := attempt(network, address)
		if err != nil {
			return err
		}
		defer client.Close()
		fmt.Fprintf(out, "client %d: %d\n", i+1, number)
		if number != 0 {
			client.Close() // it gives up; open, its system would go on trying
		}
	}

	conn, _, err := server.Accept() // takes the first, and makes room for one
	if err != nil {
		return err
	}
	defer conn.Close()
	client, number, err := attempt(network, address)
	if err != nil {
		return err
	}
	defer client.Close()
	fmt.Fprintf(out, "client 5, after one accept: %d\n", number)
	return nil
}

// attempt connects for a fifth of a second and returns connect_ex's number.
func attempt(network core.Network, address netip.AddrPort) (core.Socket, int, error) {
	client, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return nil, 0, err
	}
	if err := client.SetTimeout(200 * time.Millisecond); err != nil {
		client.Close()
		return nil, 0, err
	}
	return client, local.Number(client.ConnectEx(address)), nil
}
