package main

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

const patience = 200 * time.Millisecond // of a client

func listen5(network core.Network) (string, error) {
	return numbers(network, 5, 7)
}

func refusedWhenFull(network core.Network) (string, error) {
	all, err := numbers(network, 0, 2)
	_, second, _ := strings.Cut(all, " ")
	return second, err
}

func about20(network core.Network) (string, error) {
	all, err := numbers(network, 30, 32)
	return strconv.Itoa(strings.Count(all+" ", "0 ")), err
}

// numbers returns what connect_ex gives to each of some clients of a server
// that accepts nobody.
func numbers(network core.Network, backlog, clients int) (string, error) {
	server, address, err := local.Bound(network, core.SOCK_STREAM)
	if err != nil {
		return "", err
	}
	defer server.Close()
	if err := server.Listen(backlog); err != nil {
		return "", err
	}
	var all []string
	for range clients {
		client, number, err := attempt(network, address)
		if err != nil {
			return "", err
		}
		defer client.Close()
		all = append(all, strconv.Itoa(number))
	}
	return strings.Join(all, " "), nil
}

// attempt connects as long as a client has patience.
func attempt(network core.Network, address netip.AddrPort) (core.Socket, int, error) {
	client, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return nil, 0, err
	}
	if err := client.SetTimeout(patience); err != nil {
		client.Close()
		return nil, 0, err
	}
	return client, local.Number(client.ConnectEx(address)), nil
}
