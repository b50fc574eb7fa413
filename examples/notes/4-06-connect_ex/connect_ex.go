// Package connect_ex is page 4.6: connect with a number for an answer.
package connect_ex

import (
	"fmt"
	"io"
	"net/netip"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show prints the numbers of the usual outcomes. They are Linux's.
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

	tell(out, "nobody listens:", client.ConnectEx(nobody))
	tell(out, "connected:", client.ConnectEx(address))
	tell(out, "connect again:", client.ConnectEx(address))
	return inTime(network, out, address)
}

// inTime connects without waiting: the answer comes before the connection.
func inTime(network core.Network, out io.Writer, address netip.AddrPort) error {
	hasty, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	if err := hasty.SetBlocking(false); err != nil {
		return err
	}
	tell(out, "without waiting:", hasty.ConnectEx(address))
	hasty.Close()
	tell(out, "closed:", hasty.ConnectEx(address))
	return nil
}

func tell(out io.Writer, what string, number core.Errno) {
	fmt.Fprintln(out, what, local.Number(number))
}
