// Package local makes what most pages begin with: sockets on the loopback
// interface, where nothing leaves the machine. Ports are the system's choice.
//
// No page needs a second goroutine: a connection is made when it stands in
// the listener's queue, and what is sent waits in the receiver's buffer. So a
// page runs in a sandbox as well, whose programs have one thread.
package local

import (
	"context"
	"net/netip"
	"time"

	"github.com/sandsock/sandsock/core"
)

// Any is the loopback address with a port the system chooses: Python's
// ('127.0.0.1', 0).
var Any = netip.MustParseAddrPort("127.0.0.1:0")

// Bound returns a socket of that type with an address of its own.
func Bound(network core.Network, typ core.Type) (core.Socket, netip.AddrPort, error) {
	s, err := network.Socket(core.AF_INET, typ, 0)
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	err = s.Bind(Any)
	if err != nil {
		s.Close()
		return nil, netip.AddrPort{}, err
	}
	address, err := s.GetSockName()
	return s, address, err
}

// Listener returns a TCP socket that listens, and its address.
func Listener(network core.Network) (core.Socket, netip.AddrPort, error) {
	s, address, err := Bound(network, core.SOCK_STREAM)
	if err != nil {
		return nil, netip.AddrPort{}, err
	}
	if err := s.Listen(5); err != nil {
		s.Close()
		return nil, netip.AddrPort{}, err
	}
	return s, address, nil
}

// Client returns a TCP socket that is connected to address.
func Client(network core.Network, address netip.AddrPort) (core.Socket, error) {
	s, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	if err := s.Connect(address); err != nil {
		s.Close()
		return nil, err
	}
	return s, nil
}

// Pair returns the two ends of a TCP connection: the client's, and the one
// that accept gave to its server.
func Pair(network core.Network) (client, conn core.Socket, err error) {
	listener, address, err := Listener(network)
	if err != nil {
		return nil, nil, err
	}
	defer listener.Close()
	if client, err = Client(network, address); err != nil {
		return nil, nil, err
	}
	if conn, _, err = listener.Accept(); err != nil {
		client.Close()
		return nil, nil, err
	}
	return client, conn, nil
}

// ReadAll receives until the peer has sent the end of the stream.
func ReadAll(s core.Socket) ([]byte, error) {
	var all []byte
	buffer := make([]byte, 1024)
	for {
		n, err := s.Recv(buffer, 0)
		if n == 0 || err != nil {
			return all, err
		}
		all = append(all, buffer[:n]...)
	}
}

// Number returns what connect_ex gives in Python on Linux: 0 for success.
func Number(e core.Errno) int {
	if e == 0 {
		return 0
	}
	return e.Info().Linux
}

// Readable waits until there is something to receive or to accept, ten
// seconds at most.
func Readable(network core.Network, s core.Socket) error {
	list := []core.PollFd{{Socket: s, Events: core.POLLIN}}
	ready, err := network.Poll(context.Background(), list, 10*time.Second)
	if err == nil && ready == 0 {
		return core.ErrTimeout
	}
	return err
}
