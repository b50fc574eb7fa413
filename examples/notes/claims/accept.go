package main

import (
	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

func acceptAddress(network core.Network) (string, error) {
	server, address, err := local.Listener(network)
	if err != nil {
		return "", err
	}
	defer server.Close()
	client, err := local.Client(network, address)
	if err != nil {
		return "", err
	}
	defer client.Close()
	conn, peer, err := server.Accept()
	if err != nil {
		return "", err
	}
	defer conn.Close()
	own, err := client.GetSockName()
	if own != peer {
		return "another", err
	}
	return "the same", err
}
