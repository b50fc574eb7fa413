// Package sendto is page 4.11: a datagram to an address.
package sendto

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show sends datagrams: to a server, to nobody, too much, and nowhere.
func Show(network core.Network, out io.Writer) error {
	server, address, err := local.Bound(network, core.SOCK_DGRAM)
	if err != nil {
		return err
	}
	defer server.Close()
	client, err := network.Socket(core.AF_INET, core.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer client.Close()

	n, err := client.SendTo([]byte("hello"), 0, address)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "to a server:", n)
	data := make([]byte, 1024)
	n, err = server.Recv(data, 0)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "it receives:", core.PyBytes(data[:n]))

	_, err = client.SendTo(make([]byte, 70_000), 0, address)
	fmt.Fprintln(out, "70000 bytes:", core.PyError(err))
	_, err = client.Send([]byte("hello"), 0)
	fmt.Fprintln(out, "send, no address:", core.PyError(err))

	if err := server.Close(); err != nil {
		return err
	}
	n, err = client.SendTo([]byte("hello"), 0, address)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "to nobody:", n)
	return nil
}
