package wasmhost

import (
	"testing"
	"testing/synctest"
)

func TestTheStatusOfARouteAddsUpItsConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serveFile("one", marking("v1: "), RouteConfig{Limits: Limits{Connections: 2}})
		first, second := f.dial(address), f.dial(address)
		exchange(t, first, "abc")
		exchange(t, second, "de")
		if !closedAtOnce(f.dial(address)) {
			t.Error("a third is not refused")
		}
		synctest.Wait()
		s := route.Status()
		if want := (Counts{Connections: 2, Refused: 1, Received: 5, Sent: 13}); s.Counts != want {
			t.Errorf("while two are open: %+v, want %+v", s.Counts, want)
		}
		if s.Open != 2 || s.Instances != 2 || s.Draining || len(s.Versions) != 1 || s.Versions[0].Open != 2 {
			t.Errorf("while two are open: %+v", s)
		}
		if u := f.Usage(); u.Instances != 2 || u.Memory < 2*pageSize || u.Plugins != 1 {
			t.Errorf("the host has %+v", u)
		}
		f.swap(route, "two", handlerOf(unreachable))
		must(t, first.Close())
		must(t, second.Close())
		synctest.Wait()
		closedAtOnce(f.dial(address))
		synctest.Wait()
		s = route.Status()
		fuel := s.Fuel
		s.Fuel = 0
		if want := (Counts{Connections: 3, Closed: 2, Failed: 1, Traps: 1, Refused: 1, Swaps: 1, Received: 5, Sent: 13}); s.Counts != want {
			t.Errorf("at the end: %+v, want %+v", s.Counts, want)
		}
		var reported int64
		for _, r := range f.reports.list() {
			reported += r.Fuel
		}
		if fuel == 0 || fuel != reported || s.Open != 0 || s.Instances != 0 {
			t.Errorf("%d fuel, reported were %d; %d open, %d at work", fuel, reported, s.Open, s.Instances)
		}
	})
}

func TestTheStatusSaysWhoWasStoppedAndThatARouteDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serveFile("echo", marking("v1: "), RouteConfig{Limits: Limits{Received: 2}})
		c := f.dial(address)
		must(t, c.SendAll([]byte("abc"), 0))
		f.reports.wait(t, EventStopped)
		f.drain(route)
		s := route.Status()
		if s.Stopped != 1 || s.Failed > 0 || s.Connections != 1 || !s.Draining {
			t.Errorf("it is %+v", s)
		}
	})
}

// TestWhatComesToAHandlerThatIsSetAsideIsRefused counts those, too.
func TestWhatComesToAHandlerThatIsSetAsideIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serveFile("traps", handlerOf(unreachable), RouteConfig{})
		for range trapsInARow + 3 {
			closedAtOnce(f.dial(address))
			synctest.Wait()
		}
		if s := route.Status(); s.Traps != trapsInARow || s.Refused != 3 || !s.Versions[0].Aside {
			t.Errorf("it is %+v", s)
		}
	})
}
