package wasmhost

import (
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// moody is a handler that receives a byte and traps where it is a t, returns 1
// where it is an e.
func moody() []byte {
	at := func(c byte) []byte { // byte at bufferAt == c
		return code(i32Const(bufferAt), []byte{0x2d, 0, 0}, i32Const(int32(c)), []byte{0x46})
	}
	return handlerOf(code(
		param0, i32Const(bufferAt), i32Const(1), i32Const(0), callFunc(0), drop,
		at('t'), []byte{0x04, 0x40}, unreachable, []byte{0x0b}, // if
		at('e'),
	), hostFunction("recv"))
}

// visited connects, says something and reports whether it was served.
func (f *fixture) visited(r *Route, say string) bool {
	f.t.Helper()
	address, err := r.Socket.GetSockName()
	must(f.t, err)
	before := f.reports.count(EventConnected)
	c := f.dial(address)
	synctest.Wait()
	if f.reports.count(EventConnected) == before {
		if !closedAtOnce(c) {
			f.t.Error("who is not served is not closed at once")
		}
		return false
	}
	must(f.t, c.SendAll([]byte(say), 0))
	closedAtOnce(c)
	synctest.Wait()
	must(f.t, c.Close())
	return true
}

func TestAHandlerThatAlwaysTrapsIsSetAside(t *testing.T) {
	if apart(t) {
		return
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, _ := f.serve(RouteConfig{Plugin: f.load("moody", moody())})
		neighbour, _ := f.serve(RouteConfig{Plugin: f.load("other", moody())})
		for range trapsInARow {
			f.visited(route, "t")
		}
		for _, wait := range []int{1, 2, 4, 8, 16, 32, 60, 60} {
			if f.visited(route, "t") {
				t.Errorf("it is not set aside for %d s", wait)
			}
			if !f.visited(neighbour, ".") {
				t.Error("the neighbour is set aside")
			}
			time.Sleep(time.Duration(wait)*time.Second - time.Millisecond)
			if f.visited(route, "t") {
				t.Errorf("it is back before %d s", wait)
			}
			time.Sleep(2 * time.Millisecond)
			if !f.visited(route, "t") {
				t.Errorf("it is not tried again after %d s", wait)
			}
		}
		if n := f.reports.count(EventTrouble); n != 9 { // a line each time
			t.Errorf("%d lines say so", n)
		}
		want := "set aside for 1s, since it traps again and again: what comes is closed at once"
		if r := f.reports.wait(t, EventTrouble); r.Error != want {
			t.Errorf("the first is %q", r.Error)
		}
		time.Sleep(lastAside)
		if !f.visited(route, ".") || !f.visited(route, "t") || !f.visited(route, ".") {
			t.Error("a good end does not lift it")
		}
	})
	without := "" // a hundred traps
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Without = DefenceQuarantine })
		route, _ := f.serve(RouteConfig{Plugin: f.load("moody", moody())})
		for range 100 {
			f.visited(route, "t")
		}
		without = fmt.Sprintf("called %d times in no time", f.reports.count(EventFailed))
		if f.reports.count(EventFailed) != 100 || f.reports.count(EventTrouble) != 0 {
			t.Error(without)
		}
	})
	faults.Row(t, "T26", fmt.Sprintf("set aside after %d traps, tried again after 1, 2 ... 60 s", trapsInARow), without)
}

func TestWhatSetsNoHandlerAside(t *testing.T) {
	tests := []struct{ name, visits string }{
		{"errors it returns", strings.Repeat("e", 50)},
		{"a good end between", strings.Repeat("tttt.", 20)},
		{"traps that are far between", strings.Repeat("tttt ", 20)},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, nil)
				route, _ := f.serve(RouteConfig{Plugin: f.load("moody", moody())})
				for i, say := range tt.visits {
					if say == ' ' {
						time.Sleep(trapsWithin)
					} else if !f.visited(route, string(say)) {
						t.Fatalf("visit %d is refused", i)
					}
				}
			})
		})
	}
}

func TestClientsThatSayNothingSetNoHandlerAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serve(RouteConfig{Plugin: f.load("moody", moody()), Limits: Limits{FirstByte: time.Second}})
		for range 4 * trapsInARow {
			f.dial(address)
		}
		f.reports.waitCount(t, EventStopped, 4*trapsInARow)
		if !f.visited(route, ".") {
			t.Error("it is set aside")
		}
	})
}

func TestAHandlerThatComputesForEverIsSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		spins := handlerOf(code([]byte{0x03, 0x40, 0x0c, 0, 0x0b}, i32Const(0)))
		route, _ := f.serve(RouteConfig{Plugin: f.load("spins", spins), Limits: Limits{FuelBetween: 1_000_000}})
		for range trapsInARow {
			f.visited(route, "")
		}
		if f.visited(route, "") {
			t.Errorf("it is not: %+v", f.reports.list())
		}
	})
}

func TestADatagramHandlerThatTrapsIsSetAside(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		s := f.socket(core.SOCK_DGRAM)
		must(t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
		_, address := f.serve(RouteConfig{Plugin: f.load("traps", handlerOf(unreachable)), Socket: s})
		c := f.socket(core.SOCK_DGRAM)
		for range 20 {
			_, err := c.SendTo([]byte("x"), 0, address)
			must(t, err)
			synctest.Wait()
		}
		if n := f.reports.count(EventFailed); n != trapsInARow {
			t.Errorf("it was called %d times", n)
		}
	})
}
