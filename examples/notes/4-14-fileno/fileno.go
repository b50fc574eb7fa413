// Package fileno is page 4.14: the number behind a socket.
package fileno

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
)

// Show compares the numbers of two sockets, and looks what close leaves.
func Show(network core.Network, out io.Writer) error {
	first, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer first.Close()
	second, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer second.Close()

	if first.Fileno() > 2 { // 0, 1 and 2 are the standard streams
		fmt.Fprintln(out, "a new socket: a number above 2")
	}
	if first.Fileno() != second.Fileno() {
		fmt.Fprintln(out, "another socket: another number")
	}
	if err := first.Close(); err != nil {
		return err
	}
	fmt.Fprintln(out, "closed:", first.Fileno())
	_, err = first.GetSockName()
	fmt.Fprintln(out, "getsockname after close:", core.PyError(err))
	return nil
}
