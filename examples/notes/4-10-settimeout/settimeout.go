// Package settimeout is page 4.10: how long one call may wait.
package settimeout

import (
	"fmt"
	"io"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show receives nothing in each of the three modes but the endless one.
func Show(network core.Network, out io.Writer) error {
	client, conn, err := local.Pair(network)
	if err != nil {
		return err
	}
	defer client.Close()
	defer conn.Close()

	for _, timeout := range []time.Duration{200 * time.Millisecond, core.NonBlocking} {
		if err := conn.SetTimeout(timeout); err != nil {
			return err
		}
		_, err = conn.Recv(make([]byte, 1024), 0)
		fmt.Fprintf(out, "settimeout(%s): %s\n", core.PyTimeout(timeout), core.PyError(err))
	}
	if err := conn.SetTimeout(core.Blocking); err != nil {
		return err
	}
	timeout, err := conn.GetTimeout()
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "settimeout(%s): it would wait for ever\n", core.PyTimeout(timeout))
	return inherited(network, out)
}

// inherited accepts from a server with a timeout.
func inherited(network core.Network, out io.Writer) error {
	server, address, err := local.Listener(network)
	if err != nil {
		return err
	}
	defer server.Close()
	if err := server.SetTimeout(200 * time.Millisecond); err != nil {
		return err
	}
	_, _, err = server.Accept()
	fmt.Fprintln(out, "accept, nobody comes:", core.PyError(err))
	client, err := local.Client(network, address)
	if err != nil {
		return err
	}
	defer client.Close()
	conn, _, err := server.Accept()
	if err != nil {
		return err
	}
	defer conn.Close()
	timeout, err := conn.GetTimeout()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "what it accepts has", core.PyTimeout(timeout))
	return nil
}
