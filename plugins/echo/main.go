// Command echo is the smallest whole handler: what a client sends comes back
// as it is, until the client closes. On a UDP route it answers each datagram.
package main

import (
	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins/guest"
)

func init() { guest.Handle(Echo) }

func main() {} // never runs in a handler: the host calls handle

// bufferSize is the longest datagram there is, and of a stream as much as the
// system hands over at once. A message that is shorter touches no more of the
// buffer than itself.
const bufferSize = 64 << 10

// Echo sends back what it receives, until the peer ends the stream.
func Echo(conn core.Socket) error {
	if conn.Type() == core.SOCK_DGRAM {
		return echoDatagram(conn)
	}
	buffer := make([]byte, bufferSize)
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

// echoDatagram answers the datagram it was called for. The next is another
// call.
func echoDatagram(conn core.Socket) error {
	buffer := make([]byte, bufferSize)
	n, peer, err := conn.RecvFrom(buffer, 0)
	if err != nil {
		return err
	}
	_, err = conn.SendTo(buffer[:n], 0, peer)
	return err
}
