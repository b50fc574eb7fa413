// Package encapsulation is page 3: what a socket hides, and what it does not.
package encapsulation

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show sends two messages by each kind of socket: a stream joins them, a
// datagram socket keeps them apart, and a protocol of one's own keeps them
// apart on a stream.
func Show(network core.Network, out io.Writer) error {
	if err := stream(network, out, "TCP:", "one", "two"); err != nil {
		return err
	}
	if err := datagrams(network, out, "one", "two"); err != nil {
		return err
	}
	return stream(network, out, "TCP, lengths in front:", "\x03one", "\x03two")
}

func stream(network core.Network, out io.Writer, title string, messages ...string) error {
	client, server, err := local.Pair(network)
	if err != nil {
		return err
	}
	defer client.Close()
	defer server.Close()
	for _, message := range messages {
		if _, err := client.Send([]byte(message), 0); err != nil {
			return err
		}
	}
	if err := client.Shutdown(core.SHUT_WR); err != nil {
		return err
	}
	all, err := local.ReadAll(server)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, title, core.PyBytes(all))
	return nil
}

func datagrams(network core.Network, out io.Writer, messages ...string) error {
	server, address, err := local.Bound(network, core.SOCK_DGRAM)
	if err != nil {
		return err
	}
	defer server.Close()
	client, _, err := local.Bound(network, core.SOCK_DGRAM)
	if err != nil {
		return err
	}
	defer client.Close()
	for _, message := range messages {
		if _, err := client.SendTo([]byte(message), 0, address); err != nil {
			return err
		}
	}
	for range messages {
		data := make([]byte, 1024)
		n, err := server.Recv(data, 0)
		if err != nil {
			return err
		}
		fmt.Fprintln(out, "UDP:", core.PyBytes(data[:n]))
	}
	return nil
}
