// Package recvfrom is page 4.8: a datagram, and who sent it.
package recvfrom

import (
	"fmt"
	"io"
	"net/netip"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show receives datagrams, one of them cut and one empty, and then from TCP.
func Show(network core.Network, out io.Writer) error {
	server, address, err := local.Bound(network, core.SOCK_DGRAM)
	if err != nil {
		return err
	}
	defer server.Close()
	client, own, err := local.Bound(network, core.SOCK_DGRAM)
	if err != nil {
		return err
	}
	defer client.Close()
	fmt.Fprintln(out, "the client is", core.PyAddress(own))
	for _, message := range []string{"hello", "world", ""} {
		if _, err := client.SendTo([]byte(message), 0, address); err != nil {
			return err
		}
	}
	for _, bufsize := range []int{3, 1024, 1024} {
		if err := receive(out, server, bufsize); err != nil {
			return err
		}
	}
	return overTCP(network, out)
}

func receive(out io.Writer, s core.Socket, bufsize int) error {
	data := make([]byte, bufsize)
	n, from, err := s.RecvFrom(data, 0)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "recvfrom(%d): %s\n", bufsize, pair(data[:n], from))
	return nil
}

func overTCP(network core.Network, out io.Writer) error {
	client, conn, err := local.Pair(network)
	if err != nil {
		return err
	}
	defer client.Close()
	defer conn.Close()
	if _, err := client.Send([]byte("hello"), 0); err != nil {
		return err
	}
	fmt.Fprint(out, "TCP: ")
	return receive(out, conn, 1024)
}

// pair returns what recvfrom returns in Python: the data and the address.
func pair(data []byte, from netip.AddrPort) string {
	return "(" + core.PyBytes(data) + ", " + core.PyAddress(from) + ")"
}
