// Package layers is page 2: one HTTP request, and what of each layer a
// program can see.
package layers

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

const request = "GET / HTTP/1.0\r\n\r\n"

// Show sends a request over a socket and prints it layer by layer, from the
// top as the notes do.
func Show(network core.Network, out io.Writer) error {
	client, server, err := local.Pair(network)
	if err != nil {
		return err
	}
	defer client.Close()
	defer server.Close()
	if err := client.SendAll([]byte(request), 0); err != nil {
		return err
	}
	data := make([]byte, len(request))
	n, err := server.Recv(data, core.MSG_WAITALL)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "7 application ", core.PyBytes(data[:n]))
	fmt.Fprintln(out, "6 presentation text:", string(data[:14]))
	fmt.Fprintln(out, "5 session      one request on one connection")
	return lower(out, client)
}

// lower prints what a socket says of the layers below the bytes.
func lower(out io.Writer, client core.Socket) error {
	from, err := client.GetSockName()
	if err != nil {
		return err
	}
	to, err := client.GetPeerName()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "4 transport    %v, from port %d to port %d\n", client.Type(), from.Port(), to.Port())
	fmt.Fprintf(out, "3 network      %v, from %v to %v\n", client.Family(), from.Addr(), to.Addr())
	fmt.Fprintln(out, "2 data link    no call shows it")
	fmt.Fprintln(out, "1 physical     no call shows it")
	return nil
}
