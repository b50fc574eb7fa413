package wasmhost

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/sandsock/sandsock/core"
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
		must(t, <-drained)
		late := f.socket(core.SOCK_STREAM)
		if err := late.Connect(address); err != core.ECONNREFUSED {
			t.Errorf("one who comes afterwards gets %v", err)
		}
		if s := route.Status(); s.Closed != int64(len(clients)) {
			t.Errorf("the status is %+v", s)
		}
	})
}
