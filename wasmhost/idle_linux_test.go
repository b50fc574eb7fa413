//go:build !race

package wasmhost

import (
	"net/netip"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// TestFiftyThousandIdleConnectionsAreWithin2GiB holds them over a network in
// memory, so that no limit of descriptors stands in the way: each has
// exchanged a message, and its guest waits for the next. What is resident has
// both ends of the network, too. The race detector takes memory of its own.
func TestFiftyThousandIdleConnectionsAreWithin2GiB(t *testing.T) {
	n, most := 50_000, 2<<30
	if os.Getenv("SANDSOCK_FULL") != "1" { // they take a minute
		n, most = n/10, most/10
	}
	var closed atomic.Int64
	over := make(chan struct{})
	f := newFixture(t, func(c *Config) {
		c.Budget, c.Report = -1, func(r Report) {
			if r.Event == EventClosed && closed.Add(1) == int64(n) {
				close(over)
			}
		}
	})
	file, err := os.ReadFile("../plugins/bin/upper.wasm")
	must(t, err)
	route, address := f.serve(RouteConfig{Plugin: f.load("upper", file), Limits: Limits{FirstByte: -1, Idle: -1}})
	before := resident(t)
	clients := make([]core.Socket, n)
	for i := range clients {
		clients[i] = f.socket(core.SOCK_STREAM)
		own := netip.AddrFrom4([4]byte{127, 0, 0, byte(2 + i/10_000)}) // there are not enough ports for one
		must(t, clients[i].Bind(netip.AddrPortFrom(own, uint16(10_000+i%10_000))))
		must(t, clients[i].Connect(address))
		if got := exchange(t, clients[i], "a"); got != "A" {
			t.Fatalf("connection %d: %q", i, got)
		}
	}
	rise := resident(t) - before
	t.Logf("%.1f KiB for each of %d", float64(rise)/float64(n)/1024, n)
	if rise > most {
		t.Errorf("%d idle connections take %d MiB", n, rise>>20)
	}
	for _, c := range clients {
		must(t, c.Close())
	}
	select {
	case <-over:
	case <-time.After(4 * patience):
		t.Errorf("%d of %d have ended", closed.Load(), n)
	}
	f.drain(route)
}

// resident is how much memory of the process is in use (proc(5), VmRSS).
func resident(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	must(t, err)
	_, after, _ := strings.Cut(string(status), "VmRSS:")
	kibibytes, err := strconv.Atoi(strings.Fields(after)[0])
	must(t, err)
	return kibibytes << 10
}
