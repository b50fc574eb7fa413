// Package bind is page 4.1: a socket gets an address of its own.
package bind

import (
	"fmt"
	"io"
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

var (
	free    = netip.MustParseAddrPort("127.0.0.1:0") // any free port
	foreign = netip.MustParseAddrPort("192.0.2.1:0") // nobody's: RFC 5737
)

// Show binds a socket, and then tries what bind refuses.
func Show(network core.Network, out io.Writer) error {
	server, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer server.Close()

	before, err := server.GetSockName()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "before bind:", core.PyAddress(before))
	if err := server.Bind(free); err != nil {
		return err
	}
	after, err := server.GetSockName()
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "after bind:", core.PyAddress(after))
	fmt.Fprintln(out, "bind again:", core.PyError(server.Bind(free)))
	return refused(network, out, after)
}

// refused binds another socket to addresses it cannot have.
func refused(network core.Network, out io.Writer, taken netip.AddrPort) error {
	other, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer other.Close()
	fmt.Fprintln(out, "an address in use:", core.PyError(other.Bind(taken)))
	fmt.Fprintln(out, "another machine's:", core.PyError(other.Bind(foreign)))
	return nil
}
