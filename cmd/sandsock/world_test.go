package main_test

import (
	"context"
	"net"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// patience is how long a test waits for what must come: far above need.
const patience = time.Minute

// world is a host over the real network that serves one plugin.
type world struct {
	t       testing.TB
	host    *wasmhost.Host
	route   *wasmhost.Route
	address string
	mu      sync.Mutex
	ended   map[string]int // reports of endings, by event
	failed  []wasmhost.Report
	warned  []string
}

func (w *world) report(r wasmhost.Report) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.ended[r.Event]++
	switch r.Event {
	case wasmhost.EventFailed:
		w.failed = append(w.failed, r)
	case wasmhost.EventWarning:
		w.warned = append(w.warned, r.Error)
	}
}

// count returns how many reports of an event there were.
func (w *world) count(event string) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ended[event]
}

// bundled serves a bundled plugin.
func bundled(t testing.TB, name string) *world {
	t.Helper()
	file, ok := plugins.Open(name)
	if !ok {
		t.Fatalf("no bundled plugin %s", name)
	}
	return serving(t, name, file)
}

// serving serves a plugin on a free port until the test ends.
func serving(t testing.TB, name string, file []byte) *world {
	t.Helper()
	network := native.Network{}
	w := &world{t: t, ended: map[string]int{}}
	var err error
	w.host, err = wasmhost.New(wasmhost.Config{Network: network, Report: w.report})
	check(t, err)
	plugin, err := w.host.Load(context.Background(), name, file)
	check(t, err)
	s, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	check(t, err)
	check(t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	check(t, s.Listen(1024))
	address, err := s.GetSockName()
	check(t, err)
	w.address = address.String()
	w.route, err = w.host.NewRoute(wasmhost.RouteConfig{Name: "tcp://" + w.address, Socket: s, Plugin: plugin})
	check(t, err)
	served := make(chan error, 1)
	go func() { served <- w.route.Serve() }()
	t.Cleanup(func() {
		w.drain()
		check(t, <-served)
		check(t, w.host.Close())
	})
	return w
}

// apart runs a fault of the table in a child process, and reports whether it
// did: see [faults.RanApart].
func apart(t *testing.T) bool {
	t.Helper()
	return faults.RanApart(t, func(t *testing.T) string { return bundled(t, "upper").address })
}

func (w *world) drain() {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	check(w.t, w.route.Drain(ctx))
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// dial connects as a client of Go's own net package, with a deadline.
func (w *world) dial() *net.TCPConn {
	w.t.Helper()
	c, err := net.Dial("tcp", w.address)
	check(w.t, err)
	check(w.t, c.SetDeadline(time.Now().Add(patience)))
	return c.(*net.TCPConn)
}

// resources are what a server must give back.
type resources struct{ goroutines, descriptors int }

// measure is the least of some milliseconds, since a neighbour's clients come and go.
func measure() (least resources) {
	least = inUse()
	for late := time.Now().Add(20 * time.Millisecond); time.Now().Before(late); {
		now := inUse()
		least.goroutines = min(least.goroutines, now.goroutines)
		least.descriptors = min(least.descriptors, now.descriptors)
	}
	return least
}

func inUse() resources {
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		fds = nil // not Linux: goroutines alone
	}
	return resources{runtime.NumGoroutine(), len(fds)}
}

// leak fails the test unless all that was used since base is given back.
func leak(t testing.TB, base resources) {
	t.Helper()
	deadline := time.Now().Add(patience)
	for {
		now := measure()
		if now.goroutines <= base.goroutines && now.descriptors <= base.descriptors {
			return
		}
		if time.Now().After(deadline) {
			stacks := make([]byte, 1<<16)
			t.Fatalf("left over: %+v, at the start %+v\n%s", now, base, stacks[:runtime.Stack(stacks, true)])
		}
		runtime.Gosched()
	}
}
