package main

import (
	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

func nonblocking(network core.Network) (string, error) {
	server, address, err := local.Listener(network)
	if err != nil {
		return "", err
	}
	defer server.Close()
	if err := server.SetBlocking(false); err != nil {
		return "", err
	}
	_, _, nobody := server.Accept()
	client, err := local.Client(network, address)
	if err != nil {
		return "", err
	}
	defer client.Close()
	if err := client.SetBlocking(false); err != nil {
		return "", err
	}
	_, nothing := client.Recv(make([]byte, 1024), 0)
	return class(nobody) + " " + class(nothing), nil
}

// class is the name of the exception that Python has for an error.
func class(err error) string {
	if err == nil {
		return "none"
	}
	return core.AsErrno(err).Info().Exception
}
