package wasmhost

import (
	"bytes"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// ways are all calls that move bytes of a stream, each for n bytes at bufferAt
// of descriptor 3, and whether they receive.
var ways = []struct {
	name     string
	receives bool
	params   func(d *driver, n uint64) []uint64
}{
	{"recv", true, func(_ *driver, n uint64) []uint64 { return []uint64{3, bufferAt, n, 0} }},
	{"recvfrom", true, func(_ *driver, n uint64) []uint64 { return []uint64{3, bufferAt, n, 0, 0, 0, 0} }},
	{"fd_read", true, func(d *driver, n uint64) []uint64 { return []uint64{3, d.oneVector(n), 1, resultAt} }},
	{"sock_recv", true, func(d *driver, n uint64) []uint64 { return []uint64{3, d.oneVector(n), 1, 0, resultAt, resultAt + 4} }},
	{"send", false, func(_ *driver, n uint64) []uint64 { return []uint64{3, bufferAt, n, 0} }},
	{"sendall", false, func(_ *driver, n uint64) []uint64 { return []uint64{3, bufferAt, n, 0} }},
	{"sendto", false, func(_ *driver, n uint64) []uint64 { return []uint64{3, bufferAt, n, 0, 0, 0} }},
	{"fd_write", false, func(d *driver, n uint64) []uint64 { return []uint64{3, d.oneVector(n), 1, resultAt} }},
	{"sock_send", false, func(d *driver, n uint64) []uint64 { return []uint64{3, d.oneVector(n), 1, 0, resultAt} }},
}

func (d *driver) oneVector(n uint64) uint64 {
	d.iovec(0, bufferAt, uint32(n))
	return iovecAt
}

// try makes a call that may end the guest, and returns the reason.
func (d *driver) try(name string, params ...uint64) string {
	_, err := d.module.ExportedFunction(name).Call(d.instance, params...)
	if err = ending(err); err != nil {
		return err.Error()
	}
	return ""
}

func TestNoByteMovesAboveTheLimitWhicheverWay(t *testing.T) {
	const limit = 1000
	for _, way := range ways {
		t.Run(way.name, func(t *testing.T) {
			f := newFixture(t, func(c *Config) { c.Limits.Received, c.Limits.Sent = limit, limit })
			d, peer := f.connected(t)
			must(t, peer.SendAll(make([]byte, 3*limit), 0))
			reason := ""
			for i := 0; reason == "" && i < 10; i++ {
				reason = d.try(way.name, way.params(d, 300)...)
			}
			moved, want := d.sent.Load(), fmt.Sprintf("sent its %d bytes, the limit", limit)
			if way.receives {
				moved, want = d.received.Load(), fmt.Sprintf("received its %d bytes, the limit", limit)
			}
			if moved != limit || reason != want {
				t.Errorf("%d bytes were moved, and it ended with %q; want %q", moved, reason, want)
			}
			if got := arrived(t, peer); got != int(d.sent.Load()) {
				t.Errorf("the peer got %d bytes of %d", got, d.sent.Load())
			}
			if reason := d.try("strerror", 1, 0, 0); reason != want {
				t.Errorf("a later call ends with %q", reason)
			}
		})
	}
}

func TestWithoutALimitBytesMoveOn(t *testing.T) {
	for _, way := range ways {
		d, peer := newFixture(t, nil).connected(t)
		must(t, peer.SendAll(make([]byte, 3000), 0))
		for range 10 {
			if reason := d.try(way.name, way.params(d, 300)...); reason != "" {
				t.Errorf("%s ends with %q", way.name, reason)
			}
		}
		if moved := d.received.Load() + d.sent.Load(); moved != 3000 {
			t.Errorf("%s moved %d bytes", way.name, moved)
		}
	}
}

// arrived reads what is there, and returns how much it was.
func arrived(t *testing.T, s core.Socket) (sum int) {
	t.Helper()
	must(t, s.SetTimeout(core.NonBlocking))
	p := make([]byte, 4096)
	for {
		n, err := s.Recv(p, 0)
		if err != nil || n == 0 {
			return sum
		}
		sum += n
	}
}

func TestAPeekMovesNothingAndIsCutToTheLimit(t *testing.T) {
	d, peer := newFixture(t, func(c *Config) { c.Limits.Received = 5 }).connected(t)
	must(t, peer.SendAll([]byte("hello world"), 0))
	for range 3 {
		if n := d.ok("recv", 3, bufferAt, 100, core.MSG_PEEK); n != 5 {
			t.Errorf("a peek sees %d bytes", n)
		}
	}
	d.ok("recv", 3, bufferAt, 100, 0)
	if reason := d.try("recv", 3, bufferAt, 100, core.MSG_PEEK); !strings.HasPrefix(reason, "received its 5 bytes") {
		t.Errorf("a peek behind the limit ends with %q", reason)
	}
}

func TestADatagramAboveTheLimitIsNotSentInPart(t *testing.T) {
	f := newFixture(t, func(c *Config) { c.Limits.Sent = 10 })
	peer := f.socket(core.SOCK_DGRAM)
	must(t, peer.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	address, err := peer.GetSockName()
	must(t, err)
	d := f.newDriver(grant(t, core.UseSend, address.String()))
	d.ok("socket", 2, 2, 0)
	ptr, length := d.put(address.String())
	d.ok("sendto", 3, bufferAt, 6, 0, ptr, length)
	if reason := d.try("sendto", 3, bufferAt, 6, 0, ptr, length); reason != "sent its 10 bytes, the limit" {
		t.Errorf("it ends with %q", reason)
	}
	p := make([]byte, 100)
	if n, _, err := peer.RecvFrom(p, 0); n != 6 || err != nil {
		t.Errorf("the peer got %d bytes, %v", n, err)
	}
	must(t, peer.SetTimeout(core.NonBlocking))
	if n, err := peer.Recv(p, 0); err != core.EAGAIN {
		t.Errorf("the peer got %d more, %v", n, err)
	}
}

func TestASendOfMuchIsWholeAndInOrder(t *testing.T) {
	for _, call := range []string{"send", "sendall"} {
		for _, timeout := range []float64{-1, 20} {
			if call == "send" && timeout > 0 {
				continue // takes what there is room for
			}
			t.Run(fmt.Sprint(call, timeout), func(t *testing.T) {
				f := newFixture(t, nil)
				var w wasm
				w.pages = 16
				send := hostFunction(call)
				w.importFunc(send.module, send.name, w.typ(send.params, send.results))
				const lot = 900_000
				w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(param0, i32Const(0), i32Const(lot), i32Const(0), callFunc(0)))
				g, peer := f.instanceWith(w.bytes())
				must(t, g.table.entries[3].socket.SetTimeout(secondsOf(timeout)))
				content, _ := g.memory.Read(0, lot)
				for i := range content {
					content[i] = byte(i * i >> 7)
				}
				want := bytes.Clone(content)
				got := make(chan []byte)
				go func() { got <- readN(peer, lot) }()
				results, err := g.call("handle", 3)
				must(t, ending(err))
				if n := int32(uint32(results[0])); call == "send" && n != lot || call == "sendall" && n != 0 {
					t.Errorf("the result is %d", n)
				}
				if !bytes.Equal(soon(t, got), want) || g.sent.Load() != lot {
					t.Errorf("the peer got something else; %d bytes count", g.sent.Load())
				}
				if after, _ := g.table.entries[3].socket.GetTimeout(); after != secondsOf(timeout) {
					t.Errorf("the timeout became %v", after)
				}
			})
		}
	}
}

// TestSocketsEndAtTheirLimitAndAreAllClosed is T12: a handler that makes
// sockets until it may not, and returns how many it got.
func TestSocketsEndAtTheirLimitAndAreAllClosed(t *testing.T) {
	if apart(t) {
		return
	}
	file := handlerOf(code([]byte{0x03, 0x40}, // loop
		i32Const(2), i32Const(1), i32Const(0), callFunc(0), i32Const(0), []byte{0x4e, 0x04, 0x40}, // if socket(2, 1, 0) >= 0
		i32Const(0), i32Const(0), []byte{0x28, 2, 0}, i32Const(1), []byte{0x6a, 0x36, 2, 0}, // [0]++
		i32Const(0), []byte{0x28, 2, 0}, i32Const(200), []byte{0x49, 0x0d, 1, 0x0b, 0x0b}, // if [0] < 200 go on
		i32Const(0), []byte{0x28, 2, 0}), hostFunction("socket"))
	var rows [2]string
	for i, limit := range []int{0, -1} {
		f := newFixture(t, nil)
		_, address := f.serve(RouteConfig{Plugin: f.load("opens", file), Limits: Limits{Sockets: limit}})
		_, healthy := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho())})
		before := f.socket(core.SOCK_STREAM).Fileno()
		closedAtOnce(f.dial(address))
		ended := f.reports.wait(t, EventFailed).Error
		if want := []string{"handle returned 15", "handle returned 200"}[i]; ended != want { // and its connection
			t.Errorf("it ends with %q, want %q", ended, want)
		}
		if now := f.socket(core.SOCK_STREAM).Fileno(); now > before+3 {
			t.Errorf("the next descriptor is %d, and was %d", now, before)
		}
		if got := exchange(t, f.dial(healthy), "hi"); got != "hi" {
			t.Errorf("the neighbour answers %q", got)
		}
		rows[i] = strings.TrimPrefix(ended, "handle returned ") + " sockets"
	}
	faults.Row(t, "T12", rows[0]+", all closed", rows[1])
}
