package main

import (
	"net/netip"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

func recvString(core.Network) (string, error) {
	return compile(`var data string; client.Recv(data, 0)`, "str")
}

func recvMessages(network core.Network) (string, error) {
	client, conn, err := local.Pair(network)
	if err != nil {
		return "", err
	}
	defer client.Close()
	defer conn.Close()
	for _, message := range []string{"hello", "world"} {
		if err := client.SendAll([]byte(message), 0); err != nil {
			return "", err
		}
	}
	data := make([]byte, 2)
	n, err := conn.Recv(data, 0)
	return core.PyBytes(data[:n]), err
}

func recvfromTCP(network core.Network) (string, error) {
	datagram, err := sender(network, core.SOCK_DGRAM)
	if err != nil {
		return "", err
	}
	stream, err := sender(network, core.SOCK_STREAM)
	return known(datagram) + " " + known(stream), err
}

func known(address netip.AddrPort) string {
	if address.IsValid() {
		return "address"
	}
	return core.PyAddress(address)
}

// sender receives one byte, and returns from whom.
func sender(network core.Network, typ core.Type) (netip.AddrPort, error) {
	client, conn, err := ends(network, typ)
	if err != nil {
		return netip.AddrPort{}, err
	}
	defer client.Close()
	defer conn.Close()
	if _, err := client.Send([]byte("x"), 0); err != nil {
		return netip.AddrPort{}, err
	}
	_, from, err := conn.RecvFrom(make([]byte, 1024), 0)
	return from, err
}

func ends(network core.Network, typ core.Type) (client, conn core.Socket, err error) {
	if typ == core.SOCK_STREAM {
		return local.Pair(network)
	}
	conn, address, err := local.Bound(network, typ)
	if err != nil {
		return nil, nil, err
	}
	if client, _, err = local.Bound(network, typ); err != nil {
		return nil, nil, err
	}
	return client, conn, client.Connect(address)
}
