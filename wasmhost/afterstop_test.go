package wasmhost

import (
	"context"
	"math"
	"net/netip"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// What a guest can still do once it was stopped: nothing.

// watched is a network that tells when something is about to wait.
type watched struct {
	core.Network
	waiting chan struct{}
}

type watchedSocket struct {
	core.Socket
	*watched
}

func (n *watched) tell() {
	select {
	case n.waiting <- struct{}{}:
	default:
	}
}

// wait waits until something waits.
func (n *watched) wait(t *testing.T, f *fixture) {
	t.Helper()
	select {
	case <-n.waiting:
	case <-time.After(patience):
		t.Fatalf("nobody waits; there are %+v", f.reports.list())
	}
}

func (n *watched) Poll(ctx context.Context, list []core.PollFd, timeout time.Duration) (int, error) {
	inner := make([]core.PollFd, len(list))
	for i, entry := range list {
		if s, ok := entry.Socket.(watchedSocket); ok {
			entry.Socket = s.Socket
		}
		inner[i] = entry
	}
	n.tell()
	return n.Network.Poll(ctx, inner, timeout)
}

func (s watchedSocket) Accept() (core.Socket, netip.AddrPort, error) {
	conn, peer, err := s.Socket.Accept()
	if err != nil {
		return nil, peer, err
	}
	return watchedSocket{conn, s.watched}, peer, nil
}

func (s watchedSocket) Recv(p []byte, flags int) (int, error) {
	s.tell()
	return s.Socket.Recv(p, flags)
}

// late waits, and sends LATE whatever came of that.
func late(wait string) []byte {
	pollFor := func(seconds float64) []byte {
		bits := math.Float64bits(seconds)
		constant := []byte{0x44}
		for range 8 {
			constant = append(constant, byte(bits))
			bits >>= 8
		}
		return constant
	}
	waits := map[string][]byte{
		"recv":    code(param0, i32Const(bufferAt), i32Const(8), i32Const(0), callFunc(1), drop),
		"fd_read": code(param0, i32Const(textAt), i32Const(1), i32Const(resultAt), callFunc(1), drop),
		"poll":    code(i32Const(0), i32Const(0), pollFor(-1), callFunc(1), drop),
	}
	body := code(waits[wait], param0, i32Const(textAt+8), i32Const(4), i32Const(0), callFunc(0))
	return withData(handlerOf(code(body, drop, i32Const(0)), hostFunction("send"), hostFunction(wait)), "\x00\x10\x00\x00\x08\x00\x00\x00LATE")
}

func TestNothingIsSentAfterAStop(t *testing.T) {
	if apart(t) {
		return
	}
	for _, without := range []Defences{0, DefenceCancel} {
		for _, wait := range []string{"recv", "fd_read", "poll"} {
			got := sentAfterAStop(t, late(wait), without)
			if want := map[Defences]string{DefenceCancel: "LATE"}[without]; got != want {
				t.Errorf("stopped in %s, without %v: the peer received %q, want %q", wait, without, got, want)
			}
		}
	}
	faults.Row(t, "T29", "the peer receives nothing", "it receives LATE")
}

// sentAfterAStop stops a handler that waits, and returns what its peer got.
func sentAfterAStop(t *testing.T, file []byte, without Defences) string {
	network := &watched{waiting: make(chan struct{}, 1)}
	f := newFixture(t, func(c *Config) {
		network.Network = c.Network
		c.Network, c.Without = network, without
	})
	listener, address := f.listener()
	route, err := f.NewRoute(RouteConfig{Socket: watchedSocket{listener, network}, Plugin: f.load("late", file)})
	must(t, err)
	served := make(chan error, 1)
	go func() { served <- route.Serve() }()
	c := f.socket(core.SOCK_STREAM)
	must(t, c.Connect(address))
	network.wait(t, f)
	now, cancel := context.WithCancel(context.Background())
	cancel()
	route.Drain(now)
	must(t, soon(t, served))
	p := make([]byte, 100)
	n, err := c.Recv(p, 0)
	if err != nil && err != core.ECONNRESET {
		t.Errorf("the peer: %v", err)
	}
	return string(p[:n])
}

func TestAStoppedGuestMakesNoCall(t *testing.T) {
	f := newFixture(t, nil)
	for _, function := range hostFunctions() {
		d, peer := f.connected(t)
		same := d.unchanged()
		d.cancel()
		params := make([]uint64, len(function.params))
		for i := range params {
			params[i] = 3
		}
		if _, err := d.module.ExportedFunction(function.name).Call(d.instance, params...); ending(err) != errStopped {
			t.Errorf("%s of a stopped guest: %v", function.name, ending(err))
		}
		same(function.name)
		receivedNothing(t, peer)
	}
}

func TestAStopEndsWhatWaitsLong(t *testing.T) {
	if apart(t) {
		return
	}
	network := &watched{waiting: make(chan struct{}, 1)}
	f := newFixture(t, func(c *Config) { network.Network, c.Network = c.Network, network })
	for name, call := range map[string]func(d *driver) (string, []uint64){
		"poll for ever":      func(*driver) (string, []uint64) { return "poll", []uint64{0, 0, math.Float64bits(-1)} },
		"poll for 285 years": func(*driver) (string, []uint64) { return "poll", []uint64{0, 0, math.Float64bits(9e9)} },
		"poll without end":   func(*driver) (string, []uint64) { return "poll", []uint64{0, 0, math.Float64bits(math.Inf(1))} },
		"sleep": func(d *driver) (string, []uint64) {
			d.subscribe(0, eventClock, 0, math.MaxUint64)
			return "poll_oneoff", []uint64{bufferAt, resultAt, 1, 0x7000}
		},
		"sleep and a socket": func(d *driver) (string, []uint64) {
			d.subscribe(0, eventClock, 0, 1<<62)
			d.subscribe(1, eventRead, 3, 0)
			return "poll_oneoff", []uint64{bufferAt, resultAt, 2, 0x7000}
		},
	} {
		d, _ := f.connected(t)
		function, params := call(d)
		ended := make(chan error, 1)
		go func() {
			_, err := d.module.ExportedFunction(function).Call(d.instance, params...)
			ended <- ending(err)
		}()
		network.wait(t, f)
		d.cancel()
		if err := soon(t, ended); err != errStopped {
			t.Errorf("%s: %v", name, err)
		}
	}
	faults.Row(t, "T13", "a stop ends poll and sleep at once", faults.Always("the bound is of the call itself"))
}
