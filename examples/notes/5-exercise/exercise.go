// Package exercise is page 5: the client and the server of the notes, and
// what the server lacks.
package exercise

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show runs the exercise, the calls of both programs in the order in which
// they happen, and then a server without the notes' faults.
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
	if _, err := client.Send([]byte("holle world!"), 0); err != nil {
		return err
	}
	if err := notesServer(out, server); err != nil {
		return err
	}
	data := make([]byte, 1024)
	n, err := client.Recv(data, 0)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "recv:", core.PyBytes(data[:n]))
	return better(network, out, server)
}

// notesServer is one accept, one recv and one send.
func notesServer(out io.Writer, server core.Socket) error {
	conn, _, err := server.Accept()
	if err != nil {
		return err
	}
	defer conn.Close() // the notes forget this
	data := make([]byte, 1024)
	n, err := conn.Recv(data, 0)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "recv: ", core.PyBytes(data[:n]))
	_, err = conn.Send(upper(data[:n]), 0)
	return err
}

// upper is Python's bytes.upper: it changes a to z and nothing else.
func upper(data []byte) []byte {
	capitals := make([]byte, len(data))
	for i, c := range data {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		capitals[i] = c
	}
	return capitals
}
