package memnet_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

func TestTimeoutsFollowTheBubblesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := pair(t, new(memnet.Network))
		ok(t, client.SetTimeout(time.Hour))
		start := time.Now()
		_, err := recv(client)
		fails(t, err, core.ErrTimeout)
		if took := time.Since(start); took != time.Hour {
			t.Errorf("the call took %v", took)
		}
	})
}

func TestSendAllHasOneTimeoutForTheWhole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, server := pair(t, new(memnet.Network))
		ok(t, client.SetTimeout(time.Minute))
		done := make(chan bool)
		go func() {
			defer close(done)
			p := make([]byte, 1000)
			for n := 1; n > 0; n, _ = server.Recv(p, 0) {
				time.Sleep(50 * time.Second)
			}
		}()
		start := time.Now()
		fails(t, client.SendAll(make([]byte, 1<<20), 0), core.ErrTimeout)
		if took := time.Since(start); took != time.Minute {
			t.Errorf("the call took %v", took)
		}
		ok(t, client.Close())
		ok(t, server.Close())
		<-done
	})
}

func TestACallKeepsTheTimeoutItBeganWith(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := pair(t, new(memnet.Network))
		ok(t, client.SetTimeout(time.Minute))
		start := time.Now()
		done := make(chan error)
		go func() {
			_, err := recv(client)
			done <- err
		}()
		synctest.Wait()
		ok(t, client.SetTimeout(time.Second))
		fails(t, <-done, core.ErrTimeout)
		if took := time.Since(start); took != time.Minute {
			t.Errorf("the call took %v", took)
		}
	})
}

func TestACancelTakenBackAtOnceStillEndsTheWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(memnet.Network)
		client, _ := pair(t, n)
		done := make(chan error, 2)
		go func() {
			_, err := recv(client)
			done <- err
		}()
		go func() {
			_, err := n.Poll(context.Background(), []core.PollFd{{Socket: client, Events: core.POLLIN}}, -1)
			done <- err
		}()
		synctest.Wait()
		client.SetCanceled(true)
		client.SetCanceled(false)
		fails(t, <-done, core.ECANCELED)
		fails(t, <-done, core.ECANCELED)
	})
}

func TestPollFollowsTheBubblesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(memnet.Network)
		client, _ := pair(t, n)
		start := time.Now()
		ready, err := n.Poll(context.Background(), []core.PollFd{{Socket: client, Events: core.POLLIN}}, time.Hour)
		ok(t, err)
		if took := time.Since(start); ready != 0 || took != time.Hour {
			t.Errorf("%d ready after %v", ready, took)
		}
	})
}

func TestADelayPassesOnTheBubblesClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := new(memnet.Network)
		n.Faults = func(call string, _ int) memnet.Fault {
			if call != "recv" {
				return memnet.Fault{}
			}
			return memnet.Fault{Delay: time.Minute}
		}
		client, server := pair(t, n)
		ok(t, client.SendAll([]byte("late"), 0))
		start := time.Now()
		ok(t, server.SetTimeout(time.Second)) // which does not count the delay
		receives(t, server, "late")
		if took := time.Since(start); took != time.Minute {
			t.Errorf("the call took %v", took)
		}
		go server.SetCanceled(true)
		_, err := recv(server)
		fails(t, err, core.ECANCELED)
	})
}
