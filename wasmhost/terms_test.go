package wasmhost

import (
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
)

// ready prepares terms for the plugin that serves.
func ready(t *testing.T, r *Route, terms Terms) *Ready {
	t.Helper()
	n, err := r.Prepare(t.Context(), nil, terms)
	must(t, err)
	return n
}

func TestOtherTermsAreForTheConnectionsThatCome(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serveFile("h", marking("v1: "), RouteConfig{Limits: Limits{Idle: time.Hour, PerAddress: -1}})
		old := f.dial(address)
		exchange(t, old, "a")
		n := ready(t, route, Terms{Limits: Limits{Idle: 2 * time.Second, PerAddress: 1}})
		if all := route.Versions(); len(all) != 1 || all[0].Number != 1 || f.reports.count(EventSwapped) != 0 {
			t.Errorf("it counts before it is swapped in: %+v", all)
		}
		v, err := n.Swap()
		must(t, err)
		if v.Number != 2 || v.Handler != "h" || f.Loaded() != 1 {
			t.Errorf("the version is %+v", v)
		}

		began := time.Now()
		next := f.dial(address)
		exchange(t, next, "b")
		if end, _ := f.dial(address).Recv(make([]byte, 1), 0); end != 0 {
			t.Error("a second one is served, and one is the limit of an address")
		}
		stopped := f.reports.wait(t, EventStopped)
		if took := time.Since(began); took > 3*time.Second || !strings.Contains(stopped.Error, "no byte for 2s") || stopped.Version != 2 {
			t.Errorf("after %v: %+v", took, stopped)
		}
		if got := exchange(t, old, "c"); got != "v1: c" {
			t.Errorf("the old one gets %q", got)
		}
		must(t, old.Close())
		if closed := f.reports.wait(t, EventClosed); closed.Version != 1 {
			t.Errorf("the old one ended as %+v", closed)
		}
		if got := exchange(t, f.dial(address), "d"); got != "v1: d" { // the one that was stopped has left its place
			t.Errorf("the last one gets %q", got)
		}
	})
}

// TestAStricterLimitOfTimeIsLookedAtSooner: the timer runs already, for a guest
// whose limit is far.
func TestAStricterLimitOfTimeIsLookedAtSooner(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serveFile("h", marking("v1: "), RouteConfig{Limits: Limits{FirstByte: -1, Idle: time.Hour}})
		old := f.dial(address)
		exchange(t, old, "a")
		_, err := ready(t, route, Terms{Limits: Limits{FirstByte: -1, Idle: 80 * time.Millisecond}}).Swap()
		must(t, err)
		began := time.Now()
		exchange(t, f.dial(address), "b")
		f.reports.wait(t, EventStopped)
		if took := time.Since(began); took > 100*time.Millisecond {
			t.Errorf("it took %v", took)
		}
	})
}

func TestGrantsBelongToTheVersion(t *testing.T) {
	f := newFixture(t, nil)
	route, _ := f.serve(RouteConfig{Plugin: f.load("h", oneEcho())})
	n := ready(t, route, Terms{Grants: grant(t, core.UseConnect, "*"), Env: []string{"A=1"}})
	v := n.version
	before, after := route.guest(&visit{version: route.current}, &lines{route: route}), route.guest(&visit{version: v}, &lines{route: route})
	if len(before.grants) != 0 || len(before.env) != 0 {
		t.Errorf("the version that serves has %v and %v", before.grants, before.env)
	}
	if len(after.grants) != 1 || len(after.env) != 1 {
		t.Errorf("the one made ready has %v and %v", after.grants, after.env)
	}
	n.Close()
}

func TestWhatWasMadeReadyAndIsClosedLeavesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serveFile("h", marking("v1: "), RouteConfig{})
		held := f.budget.used.Load()
		other := f.load("other", marking("v2: "))
		n, err := route.Prepare(t.Context(), other, Terms{})
		must(t, err)
		must(t, other.Close())
		n.Close()
		if f.Loaded() != 1 || f.budget.used.Load() != held || !n.version.snapshot.closed {
			t.Error("something of it stays")
		}
		if got := exchange(t, f.dial(address), "a"); got != "v1: a" {
			t.Errorf("a client gets %q", got)
		}
		n = ready(t, route, Terms{})
		must(t, route.Drain(t.Context()))
		if _, err := n.Swap(); err != ErrDraining {
			t.Errorf("swapped into a route that drained: %v", err)
		}
		if f.Loaded() != 0 {
			t.Errorf("%d plugins are loaded", f.Loaded())
		}
	})
}

func TestTermsThatCannotBeKeptAreRefused(t *testing.T) {
	f := newFixture(t, nil)
	route, _ := f.serve(RouteConfig{Plugin: f.load("h", oneEcho())})
	for _, tt := range []struct {
		limits Limits
		want   string
	}{
		{Limits{Memory: -1}, "Limits.Memory is not between 0 and 4 GiB"},
		{Limits{Memory: 4096}, "h: wants 64 KiB of memory, and 4 KiB is the limit"},
	} {
		if _, err := route.Prepare(t.Context(), nil, Terms{Limits: tt.limits}); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%+v: %v", tt.limits, err)
		}
	}
}

// TestOtherTermsLeaveWhatIsRolledBackTo: the handler before, not the same one.
func TestOtherTermsLeaveWhatIsRolledBackTo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, _ := f.serveFile("one", marking("v1: "), RouteConfig{})
		f.swap(route, "two", marking("v2: "))
		_, err := ready(t, route, Terms{Env: []string{"A=1"}}).Swap()
		must(t, err)
		v, err := route.Rollback(t.Context())
		must(t, err)
		if v.Handler != "one" || v.Number != 4 || len(route.current.terms.Env) != 1 {
			t.Errorf("the version is %+v of %v", v, route.current.terms)
		}
	})
}

// TestWhoCameBeforeALimitTakesNoPlaceOfIt: nor does it free one.
func TestWhoCameBeforeALimitTakesNoPlaceOfIt(t *testing.T) {
	var c crowd
	none, one := Limits{Connections: -1, PerAddress: -1}, Limits{Connections: -1, PerAddress: 1}
	must(t, c.enter(netip.MustParseAddrPort("127.0.0.1:1"), &none))
	must(t, c.enter(netip.MustParseAddrPort("127.0.0.1:2"), &one))
	c.leave(netip.MustParseAddrPort("127.0.0.1:1"), &none)
	if c.enter(netip.MustParseAddrPort("127.0.0.1:3"), &one) == nil {
		t.Error("two are in, and one is the limit")
	}
}
