// Command echo is the smallest whole handler: what a client sends comes back
// as it is, until the client closes.
package main

import (
	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins/guest"
)

func init() { guest.Handle(Echo) }

func main() {} // never runs in a handler: the host calls handle

// Echo sends back what it receives, until the peer ends the stream.
func Echo(conn core.Socket) error {
	buffer := make([]byte, 4096)
	for {
		n, err := conn.Recv(buffer, 0)
		if n == 0 || err != nil {
			return err
		}
		if err := conn.SendAll(buffer[:n], 0); err != nil {
			return err
		}
	}
}
