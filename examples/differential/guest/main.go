// Command guest runs cases inside the sandbox: they come on standard input,
// and their outcomes go to standard output.
package main

import (
	"os"

	"github.com/sandsock/sandsock/examples/differential/script"
	"github.com/sandsock/sandsock/plugins/guest/socket"
)

func main() {
	if err := script.Serve(socket.Network{}, os.Stdin, os.Stdout); err != nil {
		os.Exit(1)
	}
}
