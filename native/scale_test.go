//go:build linux || darwin || freebsd

package native

import (
	"os"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

func TestSendAndRecvAllocateNothing(t *testing.T) {
	for _, timeout := range []time.Duration{core.Blocking, time.Hour} {
		a, b := streamPair(t)
		must(t, a.SetTimeout(timeout))
		must(t, b.SetTimeout(timeout))
		p := make([]byte, 64)
		allocs := testing.AllocsPerRun(100, func() {
			_, sent := a.Send(p, 0)
			_, received := b.Recv(p, 0)
			_ = b.SetBlocking(false)
			_, nothing := b.Recv(p, 0)
			_ = b.SetTimeout(timeout)
			if sent != nil || received != nil || nothing != core.EAGAIN {
				t.Errorf("got errors %v, %v, %v", sent, received, nothing)
			}
		})
		if allocs != 0 {
			t.Errorf("a round trip with timeout %v allocates %v times", timeout, allocs)
		}
	}
}

func TestBlockedSocketsCostNoThreads(t *testing.T) {
	const sockets = 2000
	threads := func() int {
		tasks, err := os.ReadDir("/proc/self/task")
		if err != nil {
			t.Skip("the system does not show its threads")
		}
		return len(tasks)
	}
	before := threads()
	var running sync.WaitGroup
	var all []*socket
	for range sockets {
		s := datagram(t)
		running.Go(func() {
			_, err := s.Recv(make([]byte, 1), 0)
			wantErr(t, "Recv", err, core.ECANCELED)
		})
		waiting(t, &s.read)
		all = append(all, s)
	}
	if after := threads(); after > before+16 {
		t.Errorf("%d blocked sockets brought the process from %d to %d threads", sockets, before, after)
	}
	for _, s := range all {
		s.SetCanceled(true)
	}
	running.Wait()
}
