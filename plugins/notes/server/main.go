// Command server is the notes' server as a sandboxed program: it listens at the address of its
// first argument, localhost:6565 without one, and needs the grant to listen.
package main

import (
	"os"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins/guest/socket"
	"github.com/sandsock/sandsock/plugins/notes"
)

func main() {
	address := "localhost:6565"
	if len(os.Args) > 1 {
		address = os.Args[1]
	}
	if err := notes.Server(socket.Network{}, address, os.Stdout); err != nil {
		os.Stderr.WriteString(core.PyError(err) + "\n")
		os.Exit(1)
	}
}
