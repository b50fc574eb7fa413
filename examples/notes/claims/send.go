package main

import (
	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

func sendString(core.Network) (string, error) {
	return compile(`var text string; client.Send(text, 0)`, "5")
}

func sendPartial(network core.Network) (string, error) {
	client, conn, err := local.Pair(network)
	if err != nil {
		return "", err
	}
	defer client.Close()
	defer conn.Close()
	if err := client.SetBlocking(false); err != nil {
		return "", err
	}
	outcome := "all or nothing"
	megabyte := make([]byte, 1_000_000)
	for {
		n, err := client.Send(megabyte, 0)
		switch {
		case err == core.EAGAIN:
			return outcome, nil
		case err != nil:
			return "", err
		case n < len(megabyte):
			outcome = "a part"
		}
	}
}
