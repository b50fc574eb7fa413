package exercise

import (
	"bytes"
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// better sends three times what one recv of the notes takes, to a server that
// serves one client after the other.
func better(network core.Network, out io.Writer, server core.Socket) error {
	address, err := server.GetSockName()
	if err != nil {
		return err
	}
	for i := range 2 {
		client, err := local.Client(network, address)
		if err != nil {
			return err
		}
		defer client.Close()
		if err := client.SendAll(bytes.Repeat([]byte("a"), 3000), 0); err != nil {
			return err
		}
		if err := client.Shutdown(core.SHUT_WR); err != nil { // that was all
			return err
		}
		if err := serve(server); err != nil {
			return err
		}
		reply, err := local.ReadAll(client)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "client %d: 3000 bytes there, %d back\n", i+1, len(reply))
	}
	return nil
}

// serve serves one client: it receives to the end, sends all, and closes.
func serve(server core.Socket) error {
	conn, _, err := server.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	data := make([]byte, 1024)
	for {
		n, err := conn.Recv(data, 0)
		if n == 0 || err != nil { // 0: the client has said all
			return err
		}
		if err := conn.SendAll(upper(data[:n]), 0); err != nil {
			return err
		}
	}
}
