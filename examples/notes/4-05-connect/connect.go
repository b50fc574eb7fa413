// Package connect is page 4.5: how a client reaches a server, and how not.
package connect

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show connects to a port where nobody listens, and then to a server.
func Show(network core.Network, out io.Writer) error {
	silent, nobody, err := local.Bound(network, core.SOCK_STREAM) // bound, but it does not listen
	if err != nil {
		return err
	}
	defer silent.Close()
	server, address, err := local.Listener(network)
	if err != nil {
		return err
	}
	defer server.Close()
	client, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer client.Close()

	err = client.Connect(nobody)
	fmt.Fprintln(out, "nobody listens:", core.PyError(err))
	if err := client.Connect(address); err != nil {
		return err
	}
	fmt.Fprintln(out, "a server listens: connected")
	err = client.Connect(address)
	fmt.Fprintln(out, "connect again:", core.PyError(err))
	return nil
}
