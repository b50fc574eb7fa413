package main

import (
	"context"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

func TestEchoSendsBackWhatItReceives(t *testing.T) {
	network := new(memnet.Network)
	listener, _ := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	client, _ := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	defer client.Close()
	address, err := core.ResolveAddress(context.Background(), network, core.AF_INET, "localhost:6565")
	for _, err := range []error{
		err,
		listener.Bind(address),
		listener.Listen(1),
		client.SetTimeout(10 * time.Second),
		client.Connect(address),
		client.SendAll([]byte("holle world!"), 0),
		client.Shutdown(core.SHUT_WR),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	defer listener.Close()
	conn, _, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	if err := Echo(conn); err != nil {
		t.Error(err)
	}
	conn.Close()
	got, err := io.ReadAll(core.Stream(client))
	if err != nil || string(got) != "holle world!" {
		t.Errorf("got %q, %v", got, err)
	}
}

func TestEchoAnswersADatagram(t *testing.T) {
	network := new(memnet.Network)
	server, _ := network.Socket(core.AF_INET, core.SOCK_DGRAM, 0)
	client, _ := network.Socket(core.AF_INET, core.SOCK_DGRAM, 0)
	defer server.Close()
	defer client.Close()
	address := netip.MustParseAddrPort("127.0.0.1:6565")
	if err := server.Bind(address); err != nil {
		t.Fatal(err)
	}
	if _, err := client.SendTo([]byte("holle world!"), 0, address); err != nil {
		t.Fatal(err)
	}
	if err := Echo(server); err != nil {
		t.Error(err)
	}
	buffer := make([]byte, 64)
	n, from, err := client.RecvFrom(buffer, core.MSG_DONTWAIT)
	if err != nil || string(buffer[:n]) != "holle world!" || from != address {
		t.Errorf("got %q from %v, %v", buffer[:n], from, err)
	}
}
