// Package setblocking is page 4.3: a socket that never waits.
package setblocking

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show accepts and receives where there is nothing yet, and asks Poll when
// there is.
func Show(network core.Network, out io.Writer) error {
	server, address, err := local.Listener(network)
	if err != nil {
		return err
	}
	defer server.Close()
	if err := server.SetBlocking(false); err != nil {
		return err
	}
	_, _, err = server.Accept()
	fmt.Fprintln(out, "accept, no client:", core.PyError(err))

	client, err := local.Client(network, address)
	if err != nil {
		return err
	}
	defer client.Close()
	if err := local.Readable(network, server); err != nil {
		return err
	}
	conn, _, err := server.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	return receive(network, out, conn, client)
}

func receive(network core.Network, out io.Writer, conn, client core.Socket) error {
	if err := conn.SetBlocking(false); err != nil {
		return err
	}
	data := make([]byte, 1024)
	_, err := conn.Recv(data, 0)
	fmt.Fprintln(out, "recv, no data:", core.PyError(err))

	if _, err := client.Send([]byte("hello"), 0); err != nil {
		return err
	}
	if err := local.Readable(network, conn); err != nil { // instead of asking again and again
		return err
	}
	n, err := conn.Recv(data, 0)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "recv, after poll:", core.PyBytes(data[:n]))
	return nil
}
