package main

import (
	"fmt"
	"net/netip"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

func bindPair(core.Network) (string, error) {
	return compile(`server.Bind("localhost", 6565)`, "bound")
}

// neighbour is another address of the machine: on Linux all of 127.0.0.0/8 is
// its own.
var neighbour = netip.MustParseAddr("127.0.0.2")

func wildcard(network core.Network) (string, error) {
	all, err := reach(network, netip.IPv4Unspecified())
	if err != nil {
		return "", err
	}
	one, err := reach(network, netip.MustParseAddr("127.0.0.1"))
	return fmt.Sprint(all, " ", one), err
}

// reach connects to a server that is bound to ip, by the other address.
func reach(network core.Network, ip netip.Addr) (int, error) {
	server, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return 0, err
	}
	defer server.Close()
	if err := server.Bind(netip.AddrPortFrom(ip, 0)); err != nil {
		return 0, err
	}
	if err := server.Listen(5); err != nil {
		return 0, err
	}
	own, err := server.GetSockName()
	if err != nil {
		return 0, err
	}
	client, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	return local.Number(client.ConnectEx(netip.AddrPortFrom(neighbour, own.Port()))), nil
}
