// Package getsockname is page 4.13: a socket's own address.
package getsockname

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show asks for the address of sockets that were never bound.
func Show(network core.Network, out io.Writer) error {
	for _, family := range []core.Family{core.AF_INET, core.AF_INET6} {
		s, err := network.Socket(family, core.SOCK_STREAM, 0)
		if err != nil {
			return err
		}
		defer s.Close()
		own, err := s.GetSockName()
		if err != nil {
			return err
		}
		fmt.Fprintf(out, "a new %v socket: %s\n", family, core.PyAddress(own))
	}
	client, conn, err := local.Pair(network)
	if err != nil {
		return err
	}
	defer client.Close()
	defer conn.Close()
	own, err := client.GetSockName()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "a client, connected:", core.PyAddress(own))
	peer, err := conn.GetPeerName()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "the other end's getpeername:", core.PyAddress(peer))
	return nil
}
