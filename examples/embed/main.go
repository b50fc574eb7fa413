// Command embed is a server of its own that lets plugins answer: it serves
// handler.wasm of a directory, and swaps it when somebody puts another one
// there. Its plugins may call app.visit beside the contract's functions.
//
//	go run ./examples/embed DIRECTORY
package main

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/module"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: embed DIRECTORY")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	report := func(r wasmhost.Report) { fmt.Println(r.Event, r.Route, "version", r.Version, r.Error) }
	if err := serve(ctx, native.Network{}, os.Args[1], "127.0.0.1:6565", report); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// visits is what the plugins share: app.visit() -> i64 counts a visit, and
// returns how many there were.
func visits() wasmhost.Function {
	var n atomic.Int64
	return wasmhost.Function{
		Module: "app", Name: "visit", Results: []module.ValueType{module.I64},
		Call: func(_ wasmhost.Caller, values []uint64) { values[0] = uint64(n.Add(1)) },
	}
}

// serve serves a directory's handler until the context ends.
func serve(ctx context.Context, network core.Network, dir, address string, report func(wasmhost.Report)) error {
	host, err := wasmhost.New(wasmhost.Config{Network: network, Report: report, Functions: []wasmhost.Function{visits()}})
	if err != nil {
		return err
	}
	defer host.Close()
	file, err := os.ReadFile(filepath.Join(dir, "handler.wasm"))
	if err != nil {
		return err
	}
	plugin, err := host.Load(ctx, "handler.wasm", file)
	if err != nil {
		return err
	}
	socket, err := listen(network, address)
	if err != nil {
		return err
	}
	route, err := host.NewRoute(wasmhost.RouteConfig{Name: address, Socket: socket, Plugin: plugin})
	if err != nil {
		return err
	}
	plugin.Close() // the route holds it
	go route.Serve()
	follow(ctx, host, route, filepath.Join(dir, "handler.wasm"), report)
	return route.Drain(context.Background())
}

func listen(network core.Network, address string) (core.Socket, error) {
	at, err := netip.ParseAddrPort(address)
	if err != nil {
		return nil, err
	}
	socket, err := network.Socket(core.FamilyOf(at.Addr()), core.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	if err := socket.Bind(at); err != nil {
		return nil, err
	}
	return socket, socket.Listen(128)
}

// follow looks twice a second whether there is another file, and swaps to it.
// A file that cannot be served changes nothing.
func follow(ctx context.Context, host *wasmhost.Host, route *wasmhost.Route, name string, report func(wasmhost.Report)) {
	last := route.Versions()[0].Digest
	tick := time.NewTicker(500 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		file, err := os.ReadFile(name)
		if err != nil || wasmhost.Digest(file) == last {
			continue
		}
		last = wasmhost.Digest(file)
		if err := swap(ctx, host, route, file); err != nil {
			report(wasmhost.Report{Event: wasmhost.EventRefused, Error: err.Error()})
		}
	}
}

func swap(ctx context.Context, host *wasmhost.Host, route *wasmhost.Route, file []byte) error {
	plugin, err := host.Load(ctx, "handler.wasm", file)
	if err != nil {
		return err
	}
	defer plugin.Close()
	_, err = route.Swap(ctx, plugin)
	return err
}
