package wasmhost

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core/coretest/faults"
)

// marking is a handler that sends back what it receives, each with a mark of
// four bytes before it, until the client closes.
func marking(mark string) []byte {
	received := code(i32Const(resultAt), []byte{0x28, 2, 0}) // i32.load
	file := handlerOf(code(
		[]byte{0x03, 0x40},                                                                                           // loop
		i32Const(resultAt), param0, i32Const(textAt+4), i32Const(1024), i32Const(0), callFunc(0), []byte{0x36, 2, 0}, // i32.store recv
		received, i32Const(1), []byte{0x48, 0x04, 0x40}, i32Const(0), []byte{0x0f, 0x0b}, // if < 1: return 0
		param0, i32Const(textAt), received, i32Const(4), []byte{0x6a}, i32Const(0), callFunc(1), drop, // send
		[]byte{0x0c, 0, 0x0b}, unreachable,
	), hostFunction("recv"), hostFunction("send"))
	return withData(file, mark)
}

// swap swaps to a file, as an embedder does.
func (f *fixture) swap(r *Route, name string, file []byte) Version {
	f.t.Helper()
	plugin := f.load(name, file)
	v, err := r.Swap(f.t.Context(), plugin)
	must(f.t, err)
	must(f.t, plugin.Close())
	return v
}

// serveFile begins a route with a file that nobody else holds.
func (f *fixture) serveFile(name string, file []byte, config RouteConfig) (*Route, netip.AddrPort) {
	f.t.Helper()
	plugin := f.load(name, file)
	config.Plugin = plugin
	route, address := f.serve(config)
	must(f.t, plugin.Close())
	return route, address
}

func TestASwapIsForTheConnectionsThatCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serveFile("one", marking("v1: "), RouteConfig{})
		old := f.dial(address)
		exchange(t, old, "begin")
		v := f.swap(route, "two", marking("v2: "))
		if v.Number != 2 || v.Handler != "two" || v.Digest != Digest(marking("v2: ")) {
			t.Errorf("the version is %+v", v)
		}
		next := f.dial(address)
		for range 3 {
			if got := exchange(t, old, "a"); got != "v1: a" {
				t.Errorf("the old connection gets %q", got)
			}
			if got := exchange(t, next, "b"); got != "v2: b" {
				t.Errorf("the new connection gets %q", got)
			}
		}
		all := route.Versions()
		if len(all) != 2 || all[0].Number != 2 || all[0].Open != 1 || all[1].Number != 1 || all[1].Open != 1 {
			t.Errorf("the versions are %+v", all)
		}
		swapped := f.reports.wait(t, EventSwapped)
		if swapped.Version != 2 || swapped.Handler != "two" || swapped.Open != 1 || swapped.Digest != v.Digest {
			t.Errorf("the report is %+v", swapped)
		}
		must(t, old.Close())
		retired := f.reports.wait(t, EventRetired)
		if retired.Version != 1 || retired.Handler != "one" || retired.Digest != Digest(marking("v1: ")) {
			t.Errorf("the report is %+v", retired)
		}
		if closed := f.reports.wait(t, EventClosed); closed.Version != 1 || closed.Handler != "one" || closed.Conn != 1 {
			t.Errorf("the report of the old connection is %+v", closed)
		}
	})
}

// TestNothingOfAnOldVersionStays swaps under connections: what is left is the
// version that serves, and the code of the one before.
func TestNothingOfAnOldVersionStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serveFile("h", marking("v1: "), RouteConfig{})
		var old []*version
		for n := 2; n < 12; n++ {
			first, second := f.dial(address), f.dial(address)
			exchange(t, first, "x")
			exchange(t, second, "x")
			must(t, first.Close())
			synctest.Wait() // its vessel waits for the next
			old = append(old, route.current)
			f.swap(route, "h", marking(fmt.Sprintf("%03d:", n)))
			if v := old[len(old)-1]; len(v.snapshot.idle) != 0 {
				t.Error("vessels wait for connections that cannot come")
			}
			must(t, second.Close())
		}
		synctest.Wait()
		if n := f.Loaded(); n != 2 {
			t.Errorf("%d plugins are loaded", n)
		}
		for _, v := range old {
			if !v.snapshot.closed || v.snapshot.image.Content() != nil || len(v.snapshot.idle) != 0 {
				t.Errorf("the snapshot of version %d is there", v.number)
			}
		}
		if n := f.reports.count(EventRetired); n != len(old) || len(route.old) != 0 {
			t.Errorf("%d of %d versions are retired", n, len(old))
		}
		if used, n := f.budget.used.Load(), f.budget.instances.Load(); used != 0 || n != 0 {
			t.Errorf("%d instances hold %d bytes of the budget", n, used)
		}
		f.drain(route)
		if n := f.Loaded(); n != 0 {
			t.Errorf("after the drain %d plugins are loaded", n)
		}
	})
}

func TestAnOldVersionIsCutAtTheLimitOfDraining(t *testing.T) {
	var without time.Duration
	for _, limit := range []time.Duration{time.Minute, -1} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, nil)
			limits := Limits{Drain: limit, Idle: -1}
			route, address := f.serveFile("old", marking("v1: "), RouteConfig{Limits: limits})
			waits, too := f.dial(address), f.dial(address)
			exchange(t, waits, "x")
			exchange(t, too, "x")
			_, beside := f.serveFile("neighbour", marking("nb: "), RouteConfig{Limits: limits})
			neighbour := f.dial(beside)
			exchange(t, neighbour, "x")
			f.swap(route, "new", marking("v2: "))
			next := f.dial(address)
			exchange(t, next, "x")
			time.Sleep(time.Minute - time.Millisecond)
			if got := exchange(t, waits, "y"); got != "v1: y" {
				t.Errorf("before the limit it gets %q", got)
			}
			time.Sleep(time.Hour)
			if limit < 0 {
				without = time.Hour
				if got := exchange(t, waits, "z"); got != "v1: z" {
					t.Errorf("without a limit it gets %q", got)
				}
				return
			}
			synctest.Wait()
			stopped := f.reports.wait(t, EventStopped)
			want := "went on for 1m after its handler was swapped, the limit of draining"
			if n := f.reports.count(EventStopped); n != 2 || stopped.Error != want || stopped.Version != 1 {
				t.Errorf("%d are stopped, the first: %+v", n, stopped)
			}
			if f.reports.count(EventRetired) != 1 || f.Loaded() != 3 {
				t.Error("the old version is there")
			}
			if got := exchange(t, next, "z") + exchange(t, neighbour, "z"); got != "v2: znb: z" {
				t.Errorf("the new connection and the neighbour's get %q", got)
			}
		})
	}
	faults.Row(t, "T56", "old connections go on with the old version, and are cut after 1 min; the neighbour is served", fmt.Sprintf("goes on for %v", without))
}

// TestADrainIsCutAtItsLimit: without a limit a client that stays keeps a server
// from its end.
func TestADrainIsCutAtItsLimit(t *testing.T) {
	for _, limit := range []time.Duration{time.Minute, -1} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, nil)
			route, address := f.serveFile("x", marking("v1: "), RouteConfig{Limits: Limits{Drain: limit, Idle: -1}})
			stays := f.dial(address)
			exchange(t, stays, "x")
			ctx, cut := context.WithCancel(t.Context())
			defer cut()
			drained := make(chan error, 1)
			go func() { drained <- route.Drain(ctx) }()
			time.Sleep(time.Minute - time.Millisecond)
			if got := exchange(t, stays, "y"); got != "v1: y" {
				t.Errorf("before the limit it gets %q", got)
			}
			time.Sleep(time.Hour)
			if limit < 0 {
				if len(drained) > 0 {
					t.Error("without a limit the drain has ended")
				}
				cut()
				if err := <-drained; err != context.Canceled {
					t.Errorf("the cut returns %v", err)
				}
				return
			}
			if err := <-drained; err != nil {
				t.Errorf("the drain returns %v", err)
			}
			want := "went on for 1m after its route began to drain, the limit of draining"
			if stopped := f.reports.wait(t, EventStopped); stopped.Error != want {
				t.Errorf("the report is %+v", stopped)
			}
		})
	}
}

// initializing is a handler whose _initialize is body.
func initializing(body []byte, imports ...function) []byte {
	var w wasm
	for _, i := range imports {
		w.importFunc(i.module, i.name, w.typ(i.params, i.results))
	}
	w.later("_initialize", w.typ(nil, nil), body)
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), i32Const(0))
	return w.bytes()
}

// sleeping waits for a day: poll_oneoff with a clock.
func sleeping() []byte {
	return initializing(code(
		i32Const(bufferAt+24), []byte{0x42}, []byte{0x80, 0x80, 0x9a, 0xa6, 0xea, 0xaf, 0xe3, 0x01}, []byte{0x37, 3, 0},
		i32Const(bufferAt), i32Const(resultAt), i32Const(1), i32Const(0), callFunc(0), drop,
	), hostFunction("poll_oneoff"))
}

func TestAPluginThatCannotServeChangesNothing(t *testing.T) {
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"a trap", initializing(unreachable), "bad: cannot be initialized: unreachable"},
		{"a loop", initializing([]byte{0x03, 0x40, 0x0c, 0, 0x0b}), "bad: cannot be initialized: computed without a call: 1000000 of fuel is the limit"},
		{"a sleep", sleeping(), "bad: cannot be initialized: took more than 10s"},
		{"a trap of a fresh one", withCustom(initializing(unreachable), freshSection), "bad: cannot be initialized: unreachable"},
		{"a program", guestOf("_start", nil, nil, nil), "bad: is a program, not a handler: "},
		{"much memory", pages(100), "bad: wants 6.25 MiB of memory, and 4 MiB is the limit"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, func(c *Config) { c.Limits.FuelBetween = 1_000_000 })
				route, address := f.serveFile("good", marking("v1: "), RouteConfig{Limits: Limits{Memory: 4 << 20}})
				c := f.dial(address)
				exchange(t, c, "x")
				held := f.budget.used.Load()
				bad := f.load("bad", tt.file)
				began := time.Now()
				if _, err := route.Swap(t.Context(), bad); err == nil || !strings.HasPrefix(err.Error(), tt.want) {
					t.Errorf("Swap: %v", err)
				}
				if took := time.Since(began); took > initializeWithin {
					t.Errorf("it took %v", took)
				}
				must(t, bad.Close())
				if all := route.Versions(); len(all) != 1 || all[0].Number != 1 {
					t.Errorf("the versions are %+v", all)
				}
				if f.Loaded() != 1 || f.budget.used.Load() != held {
					t.Error("something of it stays")
				}
				if got := exchange(t, c, "y") + exchange(t, f.dial(address), "z"); got != "v1: yv1: z" {
					t.Errorf("the clients get %q", got)
				}
				if v := f.swap(route, "better", marking("v2: ")); v.Number != 2 {
					t.Errorf("the next good one is %+v", v)
				}
			})
		})
	}
}

func withCustom(file []byte, name string) []byte {
	return append(append(file, 0), vec(vec([]byte(name)))...)
}

func pages(n byte) []byte {
	w := wasm{pages: n}
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), i32Const(0))
	return w.bytes()
}

func TestASwapEndsWithItsContextAndWithTheRoute(t *testing.T) {
	enough := errors.New("enough")
	for name, end := range map[string]func(f *fixture, r *Route, cancel context.CancelCauseFunc){
		enough.Error():      func(_ *fixture, _ *Route, cancel context.CancelCauseFunc) { cancel(enough) },
		ErrDraining.Error(): func(f *fixture, r *Route, _ context.CancelCauseFunc) { f.drain(r) },
	} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, nil)
			route, _ := f.serveFile("good", marking("v1: "), RouteConfig{})
			ctx, cancel := context.WithCancelCause(t.Context())
			swapped := make(chan error, 1)
			go func() {
				_, err := route.Swap(ctx, f.load("slow", sleeping()))
				swapped <- err
			}()
			synctest.Wait()
			end(f, route, cancel)
			if err := <-swapped; err == nil || err.Error() != name {
				t.Errorf("Swap: %v; want %s", err, name)
			}
			if route.Versions()[0].Number != 1 {
				t.Error("it has swapped")
			}
		})
	}
}

func TestAfterADrainThereIsNoSwap(t *testing.T) {
	f := newFixture(t, nil)
	route, _ := f.serveFile("h", marking("v1: "), RouteConfig{})
	f.drain(route)
	if _, err := route.Swap(t.Context(), f.load("h", marking("v2: "))); err != ErrDraining {
		t.Errorf("Swap: %v", err)
	}
	if _, err := route.Rollback(t.Context()); err != ErrDraining {
		t.Errorf("Rollback: %v", err)
	}
}

func TestAClosedPluginIsNotServed(t *testing.T) {
	f := newFixture(t, nil)
	route, _ := f.serveFile("h", marking("v1: "), RouteConfig{})
	gone := f.load("gone", marking("v2: "))
	must(t, gone.Close())
	must(t, gone.Close())
	if _, err := route.Swap(t.Context(), gone); err == nil || err.Error() != "gone: is closed" {
		t.Errorf("Swap: %v", err)
	}
}

func TestAPluginMayServeSeveralRoutes(t *testing.T) {
	f := newFixture(t, nil)
	plugin := f.load("h", marking("v1: "))
	one, _ := f.serve(RouteConfig{Plugin: plugin})
	_, address := f.serve(RouteConfig{Plugin: plugin})
	must(t, plugin.Close())
	f.swap(one, "h", marking("v2: "))
	f.swap(one, "h", marking("v3: "))
	if got := exchange(t, f.dial(address), "x"); got != "v1: x" {
		t.Errorf("the other route's client gets %q", got)
	}
}

func TestSwapsAtOnceAreDoneOneAfterAnother(t *testing.T) {
	f := newFixture(t, nil)
	route, address := f.serveFile("h", marking("v1: "), RouteConfig{})
	var group sync.WaitGroup
	for range 8 {
		group.Go(func() {
			plugin, err := f.Load(t.Context(), "h", marking("more"))
			if err == nil {
				_, err = route.Swap(t.Context(), plugin)
				plugin.Close()
			}
			if err != nil {
				t.Error(err)
			}
		})
	}
	group.Wait()
	if v := route.Versions()[0]; v.Number != 9 {
		t.Errorf("the version is %+v", v)
	}
	if got := exchange(t, f.dial(address), "x"); got != "morex" || f.Loaded() != 2 {
		t.Errorf("a client gets %q, %d plugins are loaded", got, f.Loaded())
	}
}
