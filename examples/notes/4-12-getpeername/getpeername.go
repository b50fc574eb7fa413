// Package getpeername is page 4.12: the address of the other end.
package getpeername

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show asks a client for its peer before and after it connects, and a UDP
// socket that has one.
func Show(network core.Network, out io.Writer) error {
	server, address, err := local.Listener(network)
	if err != nil {
		return err
	}
	defer server.Close()
	fmt.Fprintln(out, "the server is", core.PyAddress(address))
	for _, typ := range []core.Type{core.SOCK_STREAM, core.SOCK_DGRAM} {
		client, err := network.Socket(core.AF_INET, typ, 0)
		if err != nil {
			return err
		}
		defer client.Close()
		_, err = client.GetPeerName()
		fmt.Fprintf(out, "%v, before: %s\n", typ, core.PyError(err))
		if err := client.Connect(address); err != nil {
			return err
		}
		peer, err := client.GetPeerName()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "%v, connected: %s\n", typ, core.PyAddress(peer))
	}
	return nil
}
