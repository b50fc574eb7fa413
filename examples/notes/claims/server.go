package main

import (
	"bytes"
	"strconv"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// exchange is the rest of the notes' server, after accept: one recv, one send.
func exchange(conn core.Socket) error {
	data := make([]byte, 1024)
	n, err := conn.Recv(data, 0)
	if err != nil {
		return err
	}
	_, err = conn.Send(bytes.ToUpper(data[:n]), 0)
	return err
}

func secondClient(network core.Network) (string, error) {
	server, address, err := local.Listener(network)
	if err != nil {
		return "", err
	}
	defer server.Close()
	first, err := local.Client(network, address)
	if err != nil {
		return "", err
	}
	defer first.Close()
	conn, _, err := server.Accept() // and here the server waits in recv
	if err != nil {
		return "", err
	}
	defer conn.Close()

	second, err := local.Client(network, address)
	if err != nil {
		return "", err
	}
	defer second.Close()
	if _, err := second.Send([]byte("hello"), 0); err != nil {
		return "", err
	}
	return "connected, " + answer(second), nil
}

// answer is what a client receives while it has patience, or the exception.
func answer(client core.Socket) string {
	if err := client.SetTimeout(patience); err != nil {
		return class(err)
	}
	data := make([]byte, 1024)
	n, err := client.Recv(data, 0)
	if err != nil {
		return class(err)
	}
	return core.PyBytes(data[:n])
}

func longMessage(network core.Network) (string, error) {
	client, conn, err := local.Pair(network)
	if err != nil {
		return "", err
	}
	defer client.Close()
	defer conn.Close()
	if err := client.SendAll(bytes.Repeat([]byte("a"), 2000), 0); err != nil {
		return "", err
	}
	if err := exchange(conn); err != nil {
		return "", err
	}
	if err := conn.Shutdown(core.SHUT_WR); err != nil { // the server's last word
		return "", err
	}
	reply, err := local.ReadAll(client)
	return strconv.Itoa(len(reply)), err
}

func serverClose(network core.Network) (string, error) {
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
	conn, _, err := server.Accept()
	if err != nil {
		return "", err
	}
	defer conn.Close()
	if err := server.Close(); err != nil {
		return "", err
	}
	before := ended(client)
	if err := conn.Close(); err != nil {
		return "", err
	}
	return before + " " + ended(client), nil
}

// ended reports whether the end of the stream has come.
func ended(client core.Socket) string {
	if answer(client) == "b''" {
		return "yes"
	}
	return "no"
}
