package meter_test

import (
	"context"
	"net/netip"
	"os"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/core/memnet"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/meter"
)

func init() { meter.Neighbour = neighbour }

// neighbour serves a healthy handler for [faults.RanApart]: a whole host, which
// imports this package, and so cannot be imported by its tests from within.
func neighbour(t *testing.T) (address string) {
	file, err := os.ReadFile("../../plugins/bin/upper.wasm")
	check(t, err)
	network := &memnet.Network{}
	host, err := wasmhost.New(wasmhost.Config{Network: network})
	check(t, err)
	plugin, err := host.Load(context.Background(), "upper", file)
	check(t, err)
	s, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	check(t, err)
	check(t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	check(t, s.Listen(128))
	at, err := s.GetSockName()
	check(t, err)
	route, err := host.NewRoute(wasmhost.RouteConfig{Name: "neighbour", Socket: s, Plugin: plugin})
	check(t, err)
	served := make(chan error, 1)
	go func() { served <- route.Serve() }()
	t.Cleanup(func() {
		check(t, route.Drain(context.Background()))
		check(t, <-served)
		check(t, host.Close())
	})
	return faults.Front(t, network, at)
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
