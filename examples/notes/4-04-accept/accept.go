// Package accept is page 4.4: one more socket for each client.
package accept

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show accepts a client and tells the two sockets of the server apart.
func Show(network core.Network, out io.Writer) error {
	server, address, err := local.Listener(network)
	if err != nil {
		return err
	}
	defer server.Close()
	client, err := local.Client(network, address)
	if err != nil {
		return err
	}
	defer client.Close()
	conn, peer, err := server.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()

	own, err := client.GetSockName()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "accept's address:  ", core.PyAddress(peer))
	fmt.Fprintln(out, "the client's own:  ", core.PyAddress(own))
	return talk(out, server, client, conn)
}

// talk shows which of the server's sockets the data comes to.
func talk(out io.Writer, server, client, conn core.Socket) error {
	if _, err := client.Send([]byte("hello"), 0); err != nil {
		return err
	}
	data := make([]byte, 1024)
	_, err := server.Recv(data, 0)
	fmt.Fprintln(out, "recv on the server:", core.PyError(err))
	n, err := conn.Recv(data, 0)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "recv on conn:      ", core.PyBytes(data[:n]))
	return nil
}
