package wasmhost

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// slow accepts nothing until it is canceled, as a busy host may.
type slow struct {
	core.Socket
	canceled chan struct{}
	once     sync.Once
}

func (s *slow) Accept() (socket core.Socket, peer netip.AddrPort, err error) {
	select {
	case <-s.canceled:
		return s.Socket.Accept()
	default:
		<-s.canceled
		return nil, netip.AddrPort{}, core.ECANCELED
	}
}

func (s *slow) SetCanceled(on bool) {
	s.Socket.SetCanceled(on)
	s.once.Do(func() { close(s.canceled) })
}

func TestWhoWaitsToBeAcceptedIsServedWhenARouteDrains(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFixture(t, nil)
		listener, _ := f.listener()
		route, address := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho()), Socket: &slow{Socket: listener, canceled: make(chan struct{})}})
		clients := []core.Socket{f.dial(address), f.dial(address), f.dial(address)}
		synctest.Wait()
		drained := make(chan error)
		go func() { drained <- route.Drain(context.Background()) }()
		for i, c := range clients {
			if got := exchange(t, c, "hi"); got != "hi" {
				t.Errorf("client %d gets %q", i, got)
			}
		}
		must(t, soon(t, drained))
		late := f.socket(core.SOCK_STREAM)
		if err := late.Connect(address); err != core.ECONNREFUSED {
			t.Errorf("one who comes afterwards gets %v", err)
		}
		if s := route.Status(); s.Closed != int64(len(clients)) {
			t.Errorf("the status is %+v", s)
		}
	})
}

// refuser counts how often it was made to take nobody else.
type refuser struct {
	slow
	refused int
}

func (r *refuser) Refuse() error {
	r.refused++
	return nil
}

// TestASharedSocketIsNotMadeToRefuse: what is done to it would be done to the
// other process's. Who waits is served all the same.
func TestASharedSocketIsNotMadeToRefuse(t *testing.T) {
	for _, shared := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			f := newFixture(t, nil)
			listener, _ := f.listener()
			socket := &refuser{slow: slow{Socket: listener, canceled: make(chan struct{})}}
			route, address := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho()), Socket: socket})
			route.SetShared(true)
			route.SetShared(shared)
			c := f.dial(address)
			synctest.Wait()
			drained := make(chan error)
			go func() { drained <- route.Drain(context.Background()) }()
			if got := exchange(t, c, "hi"); got != "hi" {
				t.Errorf("who waits gets %q", got)
			}
			must(t, soon(t, drained))
			if refuses := socket.refused > 0; refuses == shared {
				t.Errorf("shared is %v, and it was made to refuse %d times", shared, socket.refused)
			}
		})
	}
}

// TestADatagramHandlerLeavesTheNextToTheOtherProcess: it would go on for as
// long as there is one, and here there always is.
func TestADatagramHandlerLeavesTheNextToTheOtherProcess(t *testing.T) {
	f := newFixture(t, nil)
	answers := make(chan core.Socket, 1) // the client, for as long as it goes on
	f.network.(*memnet.Network).Faults = func(call string, _ int) memnet.Fault {
		if call != "sendto" {
			return memnet.Fault{}
		}
		if c, more := <-answers; more {
			_, _ = c.Send([]byte("more"), 0)
			answers <- c
		}
		return memnet.Fault{}
	}
	route, c, address := f.datagramRoute(markingDatagrams("001:"), RouteConfig{})
	route.SetShared(true)
	must(t, c.Connect(address))
	_, err := c.Send([]byte("first"), 0)
	must(t, err)
	answers <- c
	for range 3 {
		_, err := c.Recv(make([]byte, 64), 0)
		must(t, err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	must(t, route.Drain(ctx))
	close(answers)
}
