package wasmhost

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// The limits of time, by a clock that stands still while anybody works.

// readsToTheEnd is a handler that receives until its client is gone.
func readsToTheEnd() []byte {
	return handlerOf(code([]byte{0x03, 0x40}, // loop
		param0, i32Const(bufferAt), i32Const(1024), i32Const(0), callFunc(0),
		[]byte{0x0d, 0, 0x0b}, i32Const(0)), // br_if 0, end
		hostFunction("recv"))
}

// sendsForEver is a handler that sends 4096 bytes again and again.
func sendsForEver() []byte {
	return handlerOf(code([]byte{0x03, 0x40},
		param0, i32Const(bufferAt), i32Const(4096), i32Const(0), callFunc(0),
		[]byte{0x0d, 0, 0x0b}, i32Const(0)),
		hostFunction("send"))
}

// sleeps is a handler that polls nothing for ever.
func sleeps() []byte {
	return handlerOf(code(i32Const(0), i32Const(0), []byte{0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf}, callFunc(0)), // f64.const -1
		hostFunction("poll"))
}

func TestAConnectionEndsAtItsLimitOfTime(t *testing.T) {
	if apart(t) {
		return
	}
	none := Limits{FirstByte: -1, Idle: -1, Total: -1}
	tests := []struct {
		name   string
		file   []byte
		limits Limits
		client func(core.Socket) // after it has connected
		want   time.Duration     // at the earliest; 0 for never
		reason string
	}{
		{"a client that says nothing", readsToTheEnd(), Limits{}, nil,
			30 * time.Second, "received no byte for 30s, the limit of the first byte"},
		{"a client that stops to speak", readsToTheEnd(), Limits{}, says("x"),
			5 * time.Minute, "moved no byte for 5m, the limit of idling"},
		{"a handler that sleeps", sleeps(), Limits{}, says("x"),
			30 * time.Second, "received no byte for 30s, the limit of the first byte"},
		{"a handler that sleeps, and any time for the first byte", sleeps(), Limits{FirstByte: -1}, says("x"),
			5 * time.Minute, "moved no byte for 5m, the limit of idling"},
		{"a client that does not read", sendsForEver(), Limits{FirstByte: -1}, nil,
			5 * time.Minute, "moved no byte for 5m, the limit of idling"},
		{"a client that speaks for ever", readsToTheEnd(), Limits{Total: time.Hour}, speaks(2 * time.Hour),
			time.Hour, "ran for 1h, the limit in total"},
		{"a client that speaks for ever, and no limit in total", readsToTheEnd(), Limits{}, speaks(2 * time.Hour), 0, ""},
		{"no limits", sleeps(), none, nil, 0, ""},
	}
	ends := map[string]string{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, nil)
				route, address := f.serve(RouteConfig{Plugin: f.load("h", tt.file), Limits: tt.limits})
				began := time.Now()
				c := f.dial(address)
				var client sync.WaitGroup
				if tt.client != nil {
					client.Go(func() { tt.client(c) })
				}
				defer client.Wait()
				defer c.Close()
				took, reason := endOf(f, began)
				ends[tt.name] = fmt.Sprintf("stopped after %v", took)
				if tt.want == 0 {
					if reason != "" {
						t.Errorf("stopped after %v: %s", took, reason)
					}
					route.cut()
					return
				}
				if reason != tt.reason || took < tt.want || took > tt.want+2*time.Second {
					t.Errorf("stopped after %v: %s; want %v: %s", took, reason, tt.want, tt.reason)
				}
			})
		})
	}
	if !t.Failed() {
		faults.Row(t, "T19", ends["a handler that sleeps"], "not stopped in 100 minutes")
	}
}

// endOf waits, for 100 minutes of the bubble's, until a handler is stopped.
func endOf(f *fixture, began time.Time) (took time.Duration, reason string) {
	late := time.After(100 * time.Minute)
	for {
		r, more := f.reports.find(EventStopped)
		if more == nil {
			return time.Since(began), r.Error
		}
		select {
		case <-more:
		case <-late:
			return 0, ""
		}
	}
}

func says(text string) func(core.Socket) {
	return func(c core.Socket) { c.SendAll([]byte(text), 0) }
}

// speaks sends a byte a second, for so long.
func speaks(long time.Duration) func(core.Socket) {
	return func(c core.Socket) {
		for range int(long / time.Second) {
			if c.SendAll([]byte("x"), 0) != nil {
				return
			}
			time.Sleep(time.Second)
		}
	}
}

func TestAProgramEndsAtItsLimitOfTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		forEver := []byte{0x44, 0, 0, 0, 0, 0, 0, 0xf0, 0xbf}
		file := guestOf("_start", nil, nil, code(i32Const(0), i32Const(0), forEver, callFunc(0), drop), hostFunction("poll"))
		began := time.Now()
		_, err := f.Run(t.Context(), Program{Plugin: f.load("p", file), Limits: Limits{Total: time.Minute}})
		if err == nil || err.Error() != "ran for 1m, the limit in total" || time.Since(began) != time.Minute {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
	})
}

// TestSlowClientsAreEndedAndTheNeighbourIsNot is T41: 500 clients, half of
// which send a byte a second and half nothing.
func TestSlowClientsAreEndedAndTheNeighbourIsNot(t *testing.T) {
	if apart(t) {
		return
	}
	var said [2]string
	for i, limits := range []Limits{{Total: time.Minute}, {FirstByte: -1, Idle: -1, Total: -1}} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, nil)
			route, address := f.serve(RouteConfig{Plugin: f.load("reads", readsToTheEnd()), Limits: limits})
			_, healthy := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho())})
			const n = 500
			for i := range n {
				c := f.dial(address)
				if i%2 == 0 {
					go speaks(2 * time.Minute)(c)
				}
			}
			for range 12 {
				time.Sleep(10 * time.Second)
				c, began := f.dial(healthy), time.Now()
				if got := exchange(t, c, "hi"); got != "hi" || time.Since(began) > time.Second {
					t.Errorf("the neighbour answers %q after %v", got, time.Since(began))
				}
			}
			said[i] = fmt.Sprintf("%d of %d clients are ended within two minutes", f.reports.count(EventStopped), n)
			if i == 1 {
				route.cut()
			}
		})
	}
	if !strings.HasPrefix(said[0], "500 ") || !strings.HasPrefix(said[1], "0 ") {
		t.Error(said)
	}
	faults.Row(t, "T41", said[0], said[1])
}

func TestTheWatchRunsOnlyWhileThereAreGuests(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho())})
		watching := func() bool {
			time.Sleep(2 * time.Second)
			route.mu.Lock()
			defer route.mu.Unlock()
			return route.watching
		}
		for range 3 {
			if watching() {
				t.Fatal("the watch runs without a guest")
			}
			c := f.dial(address)
			if !watching() {
				t.Fatal("the watch does not run")
			}
			exchange(t, c, "bye")
		}
	})
}

func TestHowOftenTheWatchLooks(t *testing.T) {
	tests := []struct {
		limits Limits
		typ    core.Type
		want   time.Duration
	}{
		{DefaultLimits(), core.SOCK_STREAM, time.Second},
		{DefaultLimits(), core.SOCK_DGRAM, 0},
		{Limits{FirstByte: -1, Idle: -1, Total: -1}, core.SOCK_STREAM, 0},
		{Limits{FirstByte: time.Second, Idle: 2 * time.Second, Total: -1}, core.SOCK_STREAM, 125 * time.Millisecond},
		{Limits{FirstByte: -1, Idle: time.Millisecond, Total: -1}, core.SOCK_STREAM, 10 * time.Millisecond},
		{Limits{FirstByte: time.Second, Total: time.Hour}, core.SOCK_DGRAM, time.Second},
	}
	for _, tt := range tests {
		if got := tt.limits.lookEvery(tt.typ); got != tt.want {
			t.Errorf("%+v: every %v, want %v", tt.limits, got, tt.want)
		}
	}
}

// TestASlowReaderOfALotIsSeenToMove sends a megabyte to a client that takes
// it in ten times as long as a connection may idle.
func TestASlowReaderOfALotIsSeenToMove(t *testing.T) {
	for _, call := range []string{"send", "sendall"} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, nil)
				var w wasm
				send := hostFunction(call)
				w.importFunc(send.module, send.name, w.typ(send.params, send.results))
				w.pages = 20
				const lot = 1 << 20
				w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(param0, i32Const(0), i32Const(lot), i32Const(0), callFunc(0), drop, i32Const(0)))
				limits := Limits{FirstByte: -1, Idle: time.Minute}
				_, address := f.serve(RouteConfig{Plugin: f.load("lot", w.bytes()), Limits: limits})
				c, sum := f.dial(address), 0
				for p := make([]byte, lot/100); ; {
					n, err := c.Recv(p, 0)
					must(t, err)
					if n == 0 {
						break
					}
					sum += n
					time.Sleep(6 * time.Second)
				}
				f.reports.wait(t, EventClosed)
				if sum != lot {
					t.Errorf("the client got %d bytes of %d", sum, lot)
				}
			})
		})
	}
}
