package wasmhost

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
)

// markingDatagrams is a handler that answers datagrams with a mark of four
// bytes before each, one after another as long as it can.
func markingDatagrams(mark string) []byte {
	received := code(i32Const(resultAt), []byte{0x28, 2, 0}) // i32.load
	file := handlerOf(code(
		[]byte{0x03, 0x40}, // loop
		i32Const(resultAt),
		param0, i32Const(textAt+4), i32Const(1024), i32Const(0), i32Const(bufferAt), i32Const(64), i32Const(resultAt+4), callFunc(0),
		[]byte{0x36, 2, 0},                                                            // i32.store recvfrom
		received, i32Const(0), []byte{0x48, 0x04, 0x40}, received, []byte{0x0f, 0x0b}, // if < 0: return it
		param0, i32Const(textAt), received, i32Const(4), []byte{0x6a}, i32Const(0), i32Const(bufferAt), i32Const(resultAt+4), []byte{0x28, 2, 0}, callFunc(1), drop, // sendto
		[]byte{0x0c, 0, 0x0b}, unreachable,
	), hostFunction("recvfrom"), hostFunction("sendto"))
	return withData(file, mark)
}

// datagramRoute serves a file on a datagram socket, and returns a client.
func (f *fixture) datagramRoute(file []byte, config RouteConfig) (*Route, core.Socket, netip.AddrPort) {
	f.t.Helper()
	config.Socket = f.socket(core.SOCK_DGRAM)
	must(f.t, config.Socket.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	route, address := f.serveFile("udp", file, config)
	return route, f.socket(core.SOCK_DGRAM), address
}

// TestADatagramRouteSwapsWithoutLosingOne swaps while datagrams wait: each is
// answered once, in order, and the versions only go up. The handlers would
// keep the socket for good.
func TestADatagramRouteSwapsWithoutLosingOne(t *testing.T) {
	f := newFixture(t, nil)
	route, c, address := f.datagramRoute(markingDatagrams("001:"), RouteConfig{})
	const swaps, burst = 20, 20
	sent := 0
	send := func() {
		for range burst {
			_, err := c.SendTo(fmt.Appendf(nil, "%d", sent), 0, address)
			must(t, err)
			sent++
		}
	}
	received, last, versions := 0, "", 0
	receive := func(n int) {
		p := make([]byte, 64)
		for range n {
			n, _, err := c.RecvFrom(p, 0)
			must(t, err)
			mark, text := string(p[:4]), string(p[4:n])
			if want := fmt.Sprint(received); text != want || mark < last {
				t.Fatalf("reply %s is %q of version %q after %q", want, text, mark, last)
			}
			if received++; mark != last {
				versions++
			}
			last = mark
		}
	}
	for n := range swaps {
		send()
		mark := fmt.Sprintf("%03d:", n+2)
		f.swap(route, mark, markingDatagrams(mark))
		receive(burst / 2)
	}
	send()
	receive(sent - received)
	if want := fmt.Sprintf("%03d:", swaps+1); last != want || versions < 2 {
		t.Errorf("the last reply is of %q, of %d versions", last, versions)
	}
	f.reports.waitCount(t, EventRetired, swaps)
	if n := f.Loaded(); n != 2 {
		t.Errorf("%d plugins are loaded", n)
	}
}

// A guest that waits for the next datagram lets go of the socket at once, and
// one that does something else a second later.
func TestADatagramHandlerIsReplacedWhateverItDoes(t *testing.T) {
	sleep := withSleep()
	for name, tt := range map[string]struct {
		file  []byte
		after time.Duration
		want  []string
	}{
		"it waits":  {markingDatagrams("old:"), 0, []string{"old:first", "new:second"}},
		"it sleeps": {sleep, time.Second, []string{"new:first", "new:second"}}, // it has taken none
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := newFixture(t, nil)
				route, c, address := f.datagramRoute(tt.file, RouteConfig{})
				send := func(text string) {
					_, err := c.SendTo([]byte(text), 0, address)
					must(t, err)
				}
				send("first")
				synctest.Wait()
				f.swap(route, "new", markingDatagrams("new:"))
				synctest.Wait()
				began := time.Now()
				send("second")
				p := make([]byte, 64)
				for _, want := range tt.want {
					n, _, err := c.RecvFrom(p, 0)
					must(t, err)
					if string(p[:n]) != want {
						t.Errorf("a reply is %q, want %q", p[:n], want)
					}
				}
				if took := time.Since(began); took != tt.after {
					t.Errorf("the new one answers after %v", took)
				}
				if n := f.reports.count(EventRetired); n != 1 {
					t.Errorf("%d versions are retired", n)
				}
			})
		})
	}
}

// A swap may come when the handler is chosen and has no socket yet.
func TestADatagramHandlerThatIsReplacedBeforeItBeginsAnswersOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		s := f.socket(core.SOCK_DGRAM)
		must(t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
		route, err := f.NewRoute(RouteConfig{Name: "udp", Socket: s, Plugin: f.load("old", markingDatagrams("old:"))})
		must(t, err)
		address, err := s.GetSockName()
		must(t, err)
		c := f.socket(core.SOCK_DGRAM)
		for _, text := range []string{"first", "second"} {
			_, err := c.SendTo([]byte(text), 0, address)
			must(t, err)
		}
		v, err := route.begin(netip.AddrPort{})
		must(t, err)
		f.swap(route, "new", markingDatagrams("new:"))
		began := time.Now()
		route.datagram(v)
		if took := time.Since(began); took != 0 {
			t.Errorf("it returns after %v", took)
		}
		served := make(chan error, 1)
		go func() { served <- route.Serve() }()
		p := make([]byte, 64)
		for _, want := range []string{"old:first", "new:second"} {
			n, _, err := c.RecvFrom(p, 0)
			must(t, err)
			if string(p[:n]) != want {
				t.Errorf("a reply is %q, want %q", p[:n], want)
			}
		}
		must(t, route.Drain(t.Context()))
		must(t, soon(t, served))
	})
}

// withSleep takes no datagram, and sleeps for a day.
func withSleep() []byte {
	return handlerOf(code(
		i32Const(bufferAt+24), []byte{0x42}, []byte{0x80, 0x80, 0x9a, 0xa6, 0xea, 0xaf, 0xe3, 0x01}, []byte{0x37, 3, 0},
		i32Const(bufferAt), i32Const(resultAt), i32Const(1), i32Const(0), callFunc(0), drop, i32Const(0),
	), hostFunction("poll_oneoff"))
}

// A stop cancels all sockets of a guest, the route's as well.
func TestADatagramRouteOutlivesAHandlerThatIsStopped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, func(c *Config) { c.Without = DefenceQuarantine })
		spins := handlerOf(code([]byte{0x03, 0x40, 0x0c, 0, 0x0b}, i32Const(0)))
		for _, file := range [][]byte{withSleep(), spins} {
			_, c, address := f.datagramRoute(file, RouteConfig{Limits: Limits{Total: time.Second, FuelBetween: 1_000_000}})
			before := f.reports.count(EventStopped)
			for range 3 {
				_, err := c.SendTo([]byte("x"), 0, address)
				must(t, err)
			}
			time.Sleep(time.Minute)
			synctest.Wait()
			if n := f.reports.count(EventStopped) - before; n != 3 {
				t.Errorf("%d of 3 handlers were stopped", n)
			}
		}
	})
}
