package wasmhost

import (
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// The way back from a version, which a user takes, or the host where the new
// one traps again and again.

func TestARollbackIsTheVersionBefore(t *testing.T) {
	f := newFixture(t, nil)
	route, address := f.serveFile("one", marking("v1: "), RouteConfig{})
	if _, err := route.Rollback(t.Context()); err != ErrNoVersionBefore {
		t.Errorf("at first: %v", err)
	}
	f.swap(route, "two", marking("v2: "))
	f.swap(route, "three", marking("v3: "))
	v, err := route.Rollback(t.Context())
	if err != nil || v.Number != 4 || v.Handler != "two" || v.Digest != Digest(marking("v2: ")) {
		t.Errorf("Rollback: %+v, %v", v, err)
	}
	if got := exchange(t, f.dial(address), "x"); got != "v2: x" {
		t.Errorf("after it a client gets %q", got)
	}
	if _, err := route.Rollback(t.Context()); err != ErrNoVersionBefore {
		t.Errorf("a second time: %v", err)
	}
	if n := f.Loaded(); n != 1 {
		t.Errorf("%d plugins are loaded", n)
	}
}

// TestASwapTookWhatWasLoadedForIt: what was there already was not loaded again.
func TestASwapTookWhatWasLoadedForIt(t *testing.T) {
	f := newFixture(t, nil)
	const hour = time.Hour // which no swap of these takes
	first := f.load("one", marking("v1: "))
	second := f.load("two", marking("v2: "))
	first.took, second.took = hour, hour
	route, _ := f.serve(RouteConfig{Plugin: first})
	if _, err := route.Swap(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	ready, err := route.Prepare(t.Context(), nil, Terms{Limits: Limits{Sockets: 3}})
	must(t, err)
	if _, err := ready.Swap(); err != nil {
		t.Fatal(err)
	}
	if _, err := route.Rollback(t.Context()); err != nil {
		t.Fatal(err)
	}
	if ready, err = route.Prepare(t.Context(), second, Terms{}); err != nil {
		t.Fatal(err)
	}
	if _, err := ready.Swap(); err != nil {
		t.Fatal(err)
	}
	var loaded []bool
	for _, r := range f.reports.list() {
		if r.Event == EventSwapped {
			loaded = append(loaded, r.Took >= hour)
		}
	}
	if want := []bool{true, false, false, true}; !slices.Equal(loaded, want) {
		t.Errorf("a swap, other terms, a rollback, a swap that was prepared: loading counts in %v, want %v", loaded, want)
	}
}

// TestTheSameFileAgainLeavesWhatThereIsToGoBackTo: who swaps it in again has
// perhaps not seen that it is there.
func TestTheSameFileAgainLeavesWhatThereIsToGoBackTo(t *testing.T) {
	f := newFixture(t, nil)
	route, _ := f.serveFile("one", marking("v1: "), RouteConfig{})
	f.swap(route, "one", marking("v1: "))
	if _, err := route.Rollback(t.Context()); err != ErrNoVersionBefore {
		t.Errorf("to the first file again: %v", err)
	}
	f.swap(route, "two", marking("v2: "))
	f.swap(route, "two", marking("v2: "))
	v, err := route.Rollback(t.Context())
	if err != nil || v.Number != 5 || v.Digest != Digest(marking("v1: ")) {
		t.Errorf("Rollback: %+v, %v", v, err)
	}
	if n := f.Loaded(); n != 1 {
		t.Errorf("%d plugins are loaded", n)
	}
}

func TestTheVersionBeforeTakesOverFromOneThatTraps(t *testing.T) {
	var without string
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serveFile("good", marking("v1: "), RouteConfig{})
		_, beside := f.serveFile("neighbour", marking("nb: "), RouteConfig{})
		neighbour := f.dial(beside)
		f.swap(route, "moody", moody())
		for range trapsInARow {
			f.visited(route, "t")
		}
		synctest.Wait()
		if got := exchange(t, f.dial(address), "x") + exchange(t, neighbour, "x"); got != "v1: xnb: x" {
			t.Errorf("then a client and the neighbour's get %q", got)
		}
		all := f.reports.list()
		last := Report{}
		for _, r := range all {
			if r.Event == EventSwapped {
				last = r
			}
		}
		if want := "set aside, since it traps again and again: the version before takes over"; last.Version != 3 || last.Handler != "good" || last.Error != want {
			t.Errorf("the last swap is %+v", last)
		}
		if n := f.reports.count(EventTrouble); n != 0 {
			t.Errorf("%d lines of trouble", n)
		}
		if _, err := route.Rollback(t.Context()); err != ErrNoVersionBefore || f.Loaded() != 2 {
			t.Errorf("the one that traps is kept: %v", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Without = DefenceQuarantine })
		route, _ := f.serveFile("good", marking("v1: "), RouteConfig{})
		f.swap(route, "moody", moody())
		for range 100 {
			f.visited(route, "t")
		}
		without = fmt.Sprintf("version %d traps %d times", route.Versions()[0].Number, f.reports.count(EventFailed))
	})
	faults.Row(t, "T26", "the version before takes over after 5 traps; the neighbour is served", without)
}

func TestASwapLiftsTheQuarantine(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, _ := f.serveFile("moody", moody(), RouteConfig{})
		for range trapsInARow {
			f.visited(route, "t")
		}
		if f.visited(route, ".") || !route.Versions()[0].Aside {
			t.Fatal("it is not set aside")
		}
		f.swap(route, "moody", moody())
		if !f.visited(route, ".") {
			t.Error("the swap does not lift it")
		}
	})
}

func TestTrapsOfAnOldVersionDoNotCountAgainstTheNew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serveFile("moody", moody(), RouteConfig{})
		var old []core.Socket
		for range 2 * trapsInARow {
			old = append(old, f.dial(address))
		}
		synctest.Wait()
		f.swap(route, "good", marking("v2: "))
		for _, c := range old {
			must(t, c.SendAll([]byte("t"), 0))
			closedAtOnce(c)
		}
		synctest.Wait()
		if v := route.Versions()[0]; v.Number != 2 || v.Aside || f.reports.count(EventTrouble) != 0 {
			t.Errorf("the version is %+v", v)
		}
	})
}
