package main

import (
	"strconv"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

func socketError(network core.Network) (string, error) {
	number, err := refused(network)
	return class(number), err
}

func number10061(network core.Network) (string, error) {
	number, err := refused(network)
	return strconv.Itoa(local.Number(number)), err
}

// refused connects to a port that is taken, but where nobody listens.
func refused(network core.Network) (core.Errno, error) {
	silent, nobody, err := local.Bound(network, core.SOCK_STREAM)
	if err != nil {
		return 0, err
	}
	defer silent.Close()
	client, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return 0, err
	}
	defer client.Close()
	return client.ConnectEx(nobody), nil
}
