package wasmhost

import (
	"context"
	"fmt"
	"io"
	"math"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/core/memnet"
)

// A stop reaches a guest wherever it is, and not one of its instructions runs
// after. The guests of this file say that they are ready, then do what takes
// for ever, and then set a flag in their memory.

// wait is what a guest does for ever: host calls, or just instructions.
type wait struct {
	name  string
	calls []string // what body calls, as 1, 2...
	body  []byte
	early bool // can be done before the handler, too
	chain bool // calls functions that call the next twice instead
}

// The memory of these guests.
const (
	sayingAt  = 0    // an iovec, and what is said
	muchAt    = 0x18 // an iovec
	addressAt = 0x20
	nameAt    = 0x40
	pollAt    = 0x60
	clockAt   = 0x80
	flagAt    = 0x9000
	connFD    = 3
	listenFD  = 4
	freshFD   = 5 // not connected
)

var waits = []wait{
	{name: "loop", body: []byte{0x03, 0x40, 0x0c, 0, 0x0b}, early: true},
	{name: "calls without a loop", chain: true, early: true},
	{name: "recv", calls: []string{"recv"}, body: calls(1, connFD, bufferAt, 8, 0)},
	{name: "recvfrom", calls: []string{"recvfrom"}, body: calls(1, connFD, bufferAt, 8, 0, 0, 0, 0)},
	{name: "accept", calls: []string{"accept"}, body: calls(1, listenFD, 0, 0, 0)},
	{name: "connect", calls: []string{"connect"}, body: calls(1, freshFD, addressAt, 11)},
	{name: "connect_ex", calls: []string{"connect_ex"}, body: calls(1, freshFD, addressAt, 11)},
	{name: "send", calls: []string{"send"}, body: repeat(400, calls(1, connFD, bufferAt, 0x7000, 0))},
	{name: "sendall", calls: []string{"sendall"}, body: repeat(400, calls(1, connFD, bufferAt, 0x7000, 0))},
	{name: "poll", calls: []string{"poll"}, body: pollForEver},
	{name: "getaddrinfo", calls: []string{"getaddrinfo"}, body: calls(1, nameAt, 9, 0, bufferAt, 8)},
	{name: "poll_oneoff", calls: []string{"poll_oneoff"}, body: calls(1, clockAt, bufferAt, 1, resultAt), early: true},
	{name: "fd_read of input", calls: []string{"fd_read"}, body: calls(1, 0, sayingAt, 1, resultAt), early: true},
	{name: "fd_read", calls: []string{"fd_read"}, body: calls(1, connFD, sayingAt, 1, resultAt)},
	{name: "fd_write", calls: []string{"fd_write"}, body: repeat(400, calls(1, connFD, muchAt, 1, resultAt))},
	{name: "sock_recv", calls: []string{"sock_recv"}, body: calls(1, connFD, sayingAt, 1, 0, resultAt, resultAt+4)},
	{name: "sock_accept", calls: []string{"sock_accept"}, body: calls(1, listenFD, 0, resultAt)},
}

// calls calls a function with numbers and drops its result.
func calls(function byte, params ...int32) (out []byte) {
	for _, p := range params {
		out = append(out, i32Const(p)...)
	}
	return append(append(out, callFunc(function)...), drop...)
}

// repeat does something n times.
func repeat(n int32, body []byte) []byte {
	const count = 0xa000
	load, store := code(i32Const(count), []byte{0x28, 2, 0}), []byte{0x36, 2, 0}
	return code(i32Const(count), i32Const(n), store,
		[]byte{0x03, 0x40}, body, // loop
		i32Const(count), load, i32Const(1), []byte{0x6b}, store, // i32.sub
		load, []byte{0x0d, 0, 0x0b}) // br_if
}

var pollForEver = code(i32Const(pollAt), i32Const(1),
	append([]byte{0x44}, little.AppendUint64(nil, math.Float64bits(-1))...), callFunc(1), drop)

// guest is the module, which waits in the exported function of that name; where
// it is start, before all others.
func (w wait) guest(in string) []byte {
	var m wasm
	for _, name := range append([]string{"fd_write"}, w.calls...) {
		f := hostFunction(name)
		m.importFunc(f.module, f.name, m.typ(f.params, f.results))
	}
	body := w.body
	chain := byte(m.imported + 2)
	if w.chain {
		body = callFunc(chain)
	}
	body = code(calls(0, 1, sayingAt, 1, resultAt), body, i32Const(flagAt), i32Const(1), []byte{0x3a, 0, 0})
	waits, returns := m.typ(nil, nil), m.typ([]byte{i32}, []byte{i32})
	if in == "handle" {
		m.later("handle", returns, code(body, i32Const(0)))
		m.later("other", waits, nil)
	} else {
		m.later(in, waits, body)
		m.later("handle", returns, i32Const(0))
	}
	for i := byte(1); w.chain && i < 50; i++ {
		m.later(fmt.Sprint("f", i), waits, code(callFunc(chain+i), callFunc(chain+i)))
	}
	m.later("last", waits, nil)
	m.start, m.data = in == "start", waitersData()
	return m.bytes()
}

func waitersData() []byte {
	data := make([]byte, clockAt+subscriptionSize)
	copy(data, "\x10\x00\x00\x00\x02\x00\x00\x00")
	copy(data[16:], "r\n")
	little.PutUint32(data[muchAt:], bufferAt)
	little.PutUint32(data[muchAt+4:], 0x7000)
	copy(data[addressAt:], "127.0.0.1:9")
	copy(data[nameAt:], "a.example")
	copy(data[pollAt:], []byte{connFD, 0, 0, 0, 1, 0, 0, 0})
	little.PutUint32(data[clockAt+16:], 1)
	little.PutUint64(data[clockAt+24:], uint64(time.Hour))
	return data
}

// waiting is a guest at its wait.
type waiting struct {
	*instance
	ready chan struct{}
	ended chan error
}

func (f *fixture) begin(t *testing.T, plugin *Plugin, in string) *waiting {
	t.Helper()
	f.t = t
	g := &waiting{ready: make(chan struct{}), ended: make(chan error, 1)}
	said := sync.OnceFunc(func() { close(g.ready) })
	stdin, never := io.Pipe()
	t.Cleanup(func() { never.Close() })
	limits := Limits{FuelBetween: -1}.or(f.config.Limits)
	g.instance = f.newInstance(settings{
		plugin: plugin, stdin: stdin,
		stdout: &output{line: func(string) { said() }},
		grants: append(grant(t, core.UseConnect, "127.0.0.1:9"), grant(t, core.UseResolve, "a.example")...),
		denied: func(call, address, _ string) { t.Errorf("%s %s was denied", call, address) },
		limits: &limits,
	})
	t.Cleanup(g.close)
	if in != "handle" {
		go func() { g.ended <- g.instantiate() }()
	} else {
		must(t, g.instantiate())
		f.lend(g.instance)
		go func() {
			_, err := g.call("handle", connFD)
			g.ended <- err
		}()
	}
	soon(t, g.ready)
	return g
}

// lend gives the guest a connection whose peer says nothing, a listener to
// which nobody comes, and a socket.
func (f *fixture) lend(g *instance) {
	f.t.Helper()
	listener, address := f.listener()
	peer := f.socket(core.SOCK_STREAM)
	must(f.t, peer.Connect(address))
	conn, _, err := listener.Accept()
	must(f.t, err)
	must(f.t, listener.SetTimeout(core.Blocking))
	fresh := f.socket(core.SOCK_STREAM)
	must(f.t, fresh.SetTimeout(core.Blocking))
	for _, s := range []core.Socket{conn, listener, fresh} {
		g.table.add(newDescriptor(s))
	}
}

// full is a listener to which the next connect waits.
func (f *fixture) full() {
	f.t.Helper()
	address := netip.MustParseAddrPort("127.0.0.1:9")
	listener := f.socket(core.SOCK_STREAM)
	must(f.t, listener.Bind(address))
	must(f.t, listener.Listen(0))
	must(f.t, f.socket(core.SOCK_STREAM).Connect(address))
}

// stopped stops the guest and says how long that took, and whether it went on.
func (g *waiting) stopped(t *testing.T) (took time.Duration, wentOn bool) {
	t.Helper()
	began := time.Now()
	g.cancel()
	err := soon(t, g.ended)
	took = time.Since(began)
	flag, _ := g.memory.ReadByte(flagAt)
	if flag == 0 && ending(err) != errStopped {
		t.Errorf("the end is %v", ending(err))
	}
	return took, flag != 0
}

// stopWorld has a network in which all that these guests do waits.
func stopWorld(t *testing.T, without Defences) *fixture {
	t.Helper()
	network := &asked{Network: &memnet.Network{}, answer: func(ctx context.Context, _ string) ([]netip.Addr, error) {
		<-ctx.Done()
		return nil, core.ECANCELED
	}}
	f := newFixture(t, func(c *Config) { c.Network, c.Without = network, without })
	f.network = network
	f.full()
	return f
}

func TestAStopReachesAGuestWhereverItIs(t *testing.T) {
	if apart(t) {
		return
	}
	f, bare := stopWorld(t, 0), stopWorld(t, DefenceCancel)
	var worst time.Duration
	places, calls := 0, 0
	for _, w := range waits {
		for _, in := range []string{"handle", "_initialize", "start"} {
			if in != "handle" && !w.early {
				continue
			}
			t.Run(w.name+" in "+in, func(t *testing.T) {
				places++
				worst = max(worst, f.stops(t, w, in))
				if w.calls == nil {
					return
				}
				calls++
				if _, wentOn := bare.begin(t, bare.load(w.name, w.guest(in)), in).stopped(t); !wentOn {
					t.Error("it does not go on without the defence either")
				}
			})
		}
	}
	faults.Row(t, "T69",
		fmt.Sprintf("a stop ended %d guests within %v, and nothing ran after", places, worst.Round(100*time.Microsecond)),
		fmt.Sprintf("after %d waits in host calls the guest went on", calls))
}

// stops stops the guest right after it has begun, and then later and later.
func (f *fixture) stops(t *testing.T, w wait, in string) (worst time.Duration) {
	t.Helper()
	plugin := f.load(w.name, w.guest(in))
	for after := time.Duration(0); after < 8*time.Millisecond; after += time.Millisecond {
		g := f.begin(t, plugin, in)
		<-time.After(after)
		took, wentOn := g.stopped(t)
		if wentOn {
			t.Errorf("stopped after %v, it went on", after)
		}
		worst = max(worst, took)
	}
	return worst
}

func TestTwoCallsAtOnceAreAnError(t *testing.T) {
	if apart(t) {
		return
	}
	f := stopWorld(t, 0)
	w := waits[0]
	g := f.begin(t, f.load(w.name, w.guest("handle")), "handle")
	_, err := g.call("handle", connFD)
	if err != errBusy {
		t.Errorf("the second call: %v", err)
	}
	g.stopped(t)
	faults.Row(t, "T30", "the second call is an error", faults.Always("an engine does not bear two calls at once"))
}
