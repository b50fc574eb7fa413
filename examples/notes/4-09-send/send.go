// Package send is page 4.9: how much of it the system took.
package send

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show sends to a client that does not read, and to one that has gone.
func Show(network core.Network, out io.Writer) error {
	client, conn, err := local.Pair(network)
	if err != nil {
		return err
	}
	defer client.Close()
	defer conn.Close()
	n, err := conn.Send([]byte("hello"), 0)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "5 bytes:", n)
	if err := fill(out, conn); err != nil {
		return err
	}
	return gone(network, out)
}

// fill sends a megabyte at a time until the system takes no more.
func fill(out io.Writer, conn core.Socket) error {
	if err := conn.SetBlocking(false); err != nil {
		return err
	}
	megabyte := make([]byte, 1_000_000)
	partial := false
	for {
		n, err := conn.Send(megabyte, 0)
		if err != nil {
			fmt.Fprintln(out, "a send took only a part:", yes(partial))
			fmt.Fprintln(out, "and the next:", core.PyError(err))
			return nil
		}
		partial = partial || n < len(megabyte)
	}
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// gone sends twice to a client that has closed. The first send succeeds: that
// nobody reads is known only when its answer comes.
func gone(network core.Network, out io.Writer) error {
	client, conn, err := local.Pair(network)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := client.Close(); err != nil {
		return err
	}
	n, err := conn.Send([]byte("x"), 0)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "client closed, first send:", n)
	list := []core.PollFd{{Socket: conn}} // nothing asked for: an error is told unasked
	if _, err := network.Poll(context.Background(), list, 10*time.Second); err != nil {
		return err
	}
	_, err = conn.Send([]byte("x"), 0)
	fmt.Fprintln(out, "client closed, second send:", core.PyError(err))
	return nil
}
