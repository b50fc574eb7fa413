package wasmhost

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// dialFrom connects from an address of the loopback network.
func (f *fixture) dialFrom(from string, address netip.AddrPort) core.Socket {
	f.t.Helper()
	s := f.socket(core.SOCK_STREAM)
	must(f.t, s.Bind(netip.AddrPortFrom(netip.MustParseAddr(from), 0)))
	must(f.t, s.Connect(address))
	return s
}

// closedAtOnce reports whether a connection ends without an answer.
func closedAtOnce(s core.Socket) bool {
	n, err := s.Recv(make([]byte, 1), 0)
	return n == 0 && (err == nil || err == core.ECONNRESET)
}

func TestAConnectionAboveTheLimitIsClosedAsItComes(t *testing.T) {
	if apart(t) {
		return
	}
	one := func(int) string { return "127.0.0.1" }
	tests := []struct {
		name    string
		limits  Limits
		from    func(i int) string
		open    int // of ten
		trouble string
	}{
		{"of the route", Limits{Connections: 3}, one, 3, "3 at once is the limit"},
		{"of the route, whoever it is", Limits{Connections: 3}, func(i int) string { return fmt.Sprintf("127.0.0.%d", i+1) }, 3, "3 at once is the limit"},
		{"of an address", Limits{PerAddress: 2}, one, 2, "it is from 127.0.0.1, and 2 at once is the limit of an address"},
		{"of two addresses", Limits{PerAddress: 2}, func(i int) string { return fmt.Sprintf("127.0.0.%d", i%2+1) }, 4, "2 at once is the limit of an address"},
		{"none", Limits{Connections: -1}, one, 10, ""},
	}
	said := map[string]string{}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, nil)
				_, address := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho()), Limits: tt.limits})
				var open []core.Socket
				for i := range 10 {
					c := f.dialFrom(tt.from(i), address)
					synctest.Wait()
					if n := f.reports.count(EventConnected); n > len(open) {
						open = append(open, c)
					} else if !closedAtOnce(c) {
						t.Error("a connection above the limit is not closed")
					}
				}
				said[tt.name] = fmt.Sprintf("%d of 10 are served at once", len(open))
				if len(open) != tt.open {
					t.Errorf("%d connections are open, want %d", len(open), tt.open)
				}
				if tt.trouble == "" {
					return
				}
				if r := f.reports.wait(t, EventTrouble); !strings.HasSuffix(r.Error, tt.trouble) || f.reports.count(EventTrouble) != 1 {
					t.Errorf("%d lines, the first %q", f.reports.count(EventTrouble), r.Error)
				}
				// Who leaves makes room: at once, as soon as it can be seen.
				exchange(t, open[0], "bye")
				closedAtOnce(open[0])
				if got := exchange(t, f.dialFrom("127.0.0.1", address), "hi"); got != "hi" {
					t.Errorf("in the place that is free the echo is %q", got)
				}
			})
		})
	}
	faults.Row(t, "T49", said["of the route"]+"; of one address "+said["of an address"], said["none"])
}

func TestRefusalsAreALineInTenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		route, address := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho()), Limits: Limits{Connections: 1, FirstByte: -1}})
		f.dial(address)
		synctest.Wait()
		for range 25 {
			c := f.dial(address)
			closedAtOnce(c)
			must(t, c.Close())
			time.Sleep(time.Second)
		}
		route.cut()
		f.drain(route)
		var lines []string
		for _, r := range f.reports.list() {
			if r.Event == EventTrouble {
				lines = append(lines, r.Error)
			}
		}
		want := []string{
			"refused a connection: 1 at once is the limit",
			"refused 10 connections, the last one: 1 at once is the limit",
			"refused 10 connections, the last one: 1 at once is the limit",
			"refused 4 connections, the last one: 1 at once is the limit",
		}
		if strings.Join(lines, "|") != strings.Join(want, "|") {
			t.Errorf("the lines are\n%s", strings.Join(lines, "\n"))
		}
	})
}

func TestAnAddressIsTheSameInAnIPv6Socket(t *testing.T) {
	var c crowd
	limits := Limits{Connections: -1, PerAddress: 1}
	must(t, c.enter(netip.MustParseAddrPort("127.0.0.1:1"), &limits))
	if c.enter(netip.MustParseAddrPort("[::ffff:127.0.0.1]:2"), &limits) == nil {
		t.Error("127.0.0.1 is twice in, once as ::ffff:127.0.0.1")
	}
	c.leave(netip.MustParseAddrPort("[::ffff:127.0.0.1]:1"), &limits)
	if c.all != 0 || len(c.from) != 0 {
		t.Errorf("left over: %+v", c)
	}
}

// TestAClientThatIsGoneBeforeItIsAcceptedLeavesNothing is T50.
func TestAClientThatIsGoneBeforeItIsAcceptedLeavesNothing(t *testing.T) {
	if apart(t) {
		return
	}
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		listener, address := f.listener()
		route, err := f.NewRoute(RouteConfig{Socket: listener, Plugin: f.load("reads", readsToTheEnd())})
		must(t, err)
		must(t, listener.SetTimeout(core.Blocking))
		for range 100 {
			must(t, f.dial(address).Close())
		}
		served := make(chan error)
		go func() { served <- route.Serve() }()
		synctest.Wait()
		if n := f.reports.count(EventClosed); n != 100 {
			t.Errorf("%d of 100 have ended", n)
		}
		if f.budget.used.Load() != 0 || f.budget.instances.Load() != 0 || route.crowd.all != 0 || len(route.guests) != 0 {
			t.Errorf("left over: %d bytes, %d instances, %+v", f.budget.used.Load(), f.budget.instances.Load(), route.crowd)
		}
		f.drain(route)
		must(t, soon(t, served))
		faults.Row(t, "T50", "100 clients, nothing is kept", faults.Always("what is freed is freed always"))
	})
}

// short fails the first accepts for want of descriptors.
type short struct {
	core.Socket
	left int
}

func (s *short) Accept() (core.Socket, netip.AddrPort, error) {
	if s.left--; s.left >= 0 {
		return nil, netip.AddrPort{}, core.EMFILE
	}
	return s.Socket.Accept()
}

func TestARouteWithoutDescriptorsWaitsAndSaysSoOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		listener, _ := f.listener()
		began := time.Now()
		_, address := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho()), Socket: &short{listener, 20}})
		if got := exchange(t, f.dial(address), "hi"); got != "hi" {
			t.Errorf("the echo is %q", got)
		}
		// 5, 10, ... 640 ms, then a second each.
		if took := time.Since(began); took < 12*time.Second || took > 14*time.Second {
			t.Errorf("20 failures took %v", took)
		}
		if n := f.reports.count(EventTrouble); n != 2 { // one in ten seconds
			t.Errorf("%d lines say so", n)
		}
	})
}

// shortPoll is a network whose first polls fail for want of descriptors.
type shortPoll struct {
	core.Network
	left int
}

func (s *shortPoll) Poll(ctx context.Context, list []core.PollFd, timeout time.Duration) (int, error) {
	if s.left--; s.left >= 0 {
		return 0, core.EMFILE
	}
	return s.Network.Poll(ctx, list, timeout)
}

func TestADatagramRouteWithoutDescriptorsWaitsToo(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Network = &shortPoll{c.Network, 8} })
		s := f.socket(core.SOCK_DGRAM)
		must(t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
		began := time.Now()
		_, address := f.serve(RouteConfig{Plugin: f.load("udp", handlerOf(i32Const(0))), Socket: s})
		_, err := f.socket(core.SOCK_DGRAM).SendTo([]byte("x"), 0, address)
		must(t, err)
		f.reports.wait(t, EventClosed)
		if took := time.Since(began); took < time.Second || f.reports.count(EventTrouble) != 1 {
			t.Errorf("after %v: %d lines", took, f.reports.count(EventTrouble))
		}
	})
}
