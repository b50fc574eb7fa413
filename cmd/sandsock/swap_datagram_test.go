package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

// markedDatagrams is a handler that answers datagrams with a mark of four bytes
// before each, one after another as long as it can.
func markedDatagrams(mark string) []byte {
	received := join(constant(4096), []byte{load, 2, 0})
	return fixture{
		pages: 1, imports: []imported{{"socket", "sendto", 6}, {"socket", "recvfrom", 7}}, data: mark,
		functions: []function{{"handle", 1, join(
			[]byte{0x03, 0x40}, constant(4096), // loop
			[]byte{get, 0}, constant(4), constant(1024), constant(0), constant(2048), constant(64), constant(2112), []byte{call, 1, 0x36, 2, 0}, // i32.store
			received, constant(0), []byte{0x48, 0x04, 0x40}, received, []byte{0x0f, end}, // if < 0: return it
			[]byte{get, 0}, constant(0), received, constant(4), []byte{0x6a}, constant(0),
			constant(2048), constant(2112), []byte{load, 2, 0, call, 0, drop},
			[]byte{0x0c, 0, end, unreachable})}},
	}.module()
}

// TestNoDatagramIsLostToASwap swaps on a real socket while datagrams wait in
// its queue: each is answered, once and in order, and the versions only go up.
func TestNoDatagramIsLostToASwap(t *testing.T) {
	if s, err := (native.Network{}).Socket(core.AF_INET, core.SOCK_DGRAM, 0); err != nil {
		t.Skipf("needs native sockets: %v", err)
	} else {
		check(t, s.Close())
	}
	host, err := wasmhost.New(wasmhost.Config{Network: native.Network{}})
	check(t, err)
	defer host.Close()
	route, address := datagramRoute(t, host)
	served := make(chan error, 1)
	go func() { served <- route.Serve() }()
	c, err := net.Dial("udp", address.String())
	check(t, err)
	defer c.Close()
	check(t, c.SetDeadline(time.Now().Add(patience)))

	const swaps, burst = 20, 20
	sent, received, last := 0, 0, ""
	send := func() {
		for range burst {
			_, err := fmt.Fprint(c, sent)
			check(t, err)
			sent++
		}
	}
	receive := func(n int) {
		for p := make([]byte, 64); n > 0; n-- {
			got, err := c.Read(p)
			check(t, err)
			mark, text := string(p[:4]), string(p[4:got])
			if text != fmt.Sprint(received) || mark < last {
				t.Fatalf("reply %d is %q of version %q after %q", received, text, mark, last)
			}
			received, last = received+1, mark
		}
	}
	for n := range swaps {
		send()
		plugin, err := host.Load(t.Context(), "h", markedDatagrams(fmt.Sprintf("%03d:", n+2)))
		check(t, err)
		_, err = route.Swap(t.Context(), plugin)
		check(t, err)
		check(t, plugin.Close())
		receive(sent - received)
	}
	send()
	receive(burst)
	if want := fmt.Sprintf("%03d:", swaps+1); last != want {
		t.Errorf("the last reply is of %q", last)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	check(t, route.Drain(ctx))
	check(t, <-served)
}

func datagramRoute(t *testing.T, host *wasmhost.Host) (*wasmhost.Route, netip.AddrPort) {
	t.Helper()
	plugin, err := host.Load(t.Context(), "h", markedDatagrams("001:"))
	check(t, err)
	defer plugin.Close()
	s, err := native.Network{}.Socket(core.AF_INET, core.SOCK_DGRAM, 0)
	check(t, err)
	address, err := listen(s, netip.MustParseAddrPort("127.0.0.1:0"), 0)
	check(t, err)
	route, err := host.NewRoute(wasmhost.RouteConfig{Name: "udp", Socket: s, Plugin: plugin})
	check(t, err)
	return route, address
}
