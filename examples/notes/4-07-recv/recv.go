// Package recv is page 4.7: what has arrived, and no more than asked for.
package recv

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show receives five bytes in two pieces, and then the end of the stream.
func Show(network core.Network, out io.Writer) error {
	client, conn, err := local.Pair(network)
	if err != nil {
		return err
	}
	defer client.Close()
	defer conn.Close()
	if _, err := client.Send([]byte("hello"), 0); err != nil {
		return err
	}
	if err := client.Close(); err != nil {
		return err
	}

	data := make([]byte, 1024)
	n, err := conn.Recv(data[:3], core.MSG_PEEK)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "look, and take nothing:", core.PyBytes(data[:n]))
	for _, bufsize := range []int{3, 1024, 1024, 1024} {
		n, err := conn.Recv(data[:bufsize], 0)
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "recv(%d): %s\n", bufsize, core.PyBytes(data[:n]))
	}
	return unconnected(network, out)
}

func unconnected(network core.Network, out io.Writer) error {
	s, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer s.Close()
	_, err = s.Recv(make([]byte, 1024), 0)
	fmt.Fprintln(out, "not connected:", core.PyError(err))
	return nil
}
