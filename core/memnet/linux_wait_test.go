package memnet_test

import (
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// How long Linux and CPython wait, and what for.

func TestWithATimeoutACallThatCannotSucceedWaitsToo(t *testing.T) {
	dontWait := func(s core.Socket) error {
		_, err := s.Recv(make([]byte, 1), core.MSG_DONTWAIT)
		return err
	}
	recvError := func(s core.Socket) error { _, err := recv(s); return err }
	for _, c := range []struct {
		name string
		of   func(t testing.TB, n *memnet.Network) core.Socket
		call func(s core.Socket) error
	}{
		{"recv with MSG_DONTWAIT", client, dontWait},
		{"recv of a listener", listener, recvError},
		{"send of a listener", listener, sendOne},
		{"sendall of a listener", listener, func(s core.Socket) error { return s.SendAll([]byte("x"), 0) }},
		{"accept of a connection", client, acceptError},
		{"accept of a datagram socket", receiver, acceptError},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := c.of(t, new(memnet.Network))
				ok(t, s.SetTimeout(time.Minute))
				start := time.Now()
				fails(t, c.call(s), core.ErrTimeout)
				if took := time.Since(start); took != time.Minute {
					t.Errorf("the call took %v", took)
				}
			})
		})
	}
}

func TestWithATimeoutWhatPollAnnouncesIsImmediate(t *testing.T) {
	n := new(memnet.Network)
	a := open(t, n, core.SOCK_STREAM)
	ok(t, a.SetTimeout(time.Hour))
	_, err := recv(a)
	fails(t, err, core.ENOTCONN)
	fails(t, sendOne(a), core.EPIPE)
	fails(t, acceptError(a), core.EINVAL)
	l := listen(t, n, 1)
	ok(t, open(t, n, core.SOCK_STREAM).Connect(nameOf(t, l)))
	ok(t, l.SetTimeout(time.Hour))
	_, err = recv(l)
	fails(t, err, core.ENOTCONN)
}

func TestAConnectWithATimeoutLeavesItsOutcomeToTheNext(t *testing.T) {
	n := new(memnet.Network)
	c := open(t, n, core.SOCK_STREAM)
	ok(t, c.SetTimeout(time.Hour))
	l := nameOf(t, listen(t, n, 1))
	for i, want := range []core.Errno{0, 0, core.EISCONN} {
		if got := c.ConnectEx(l); got != want {
			t.Errorf("connect %d is %v, want %v", i, got, want)
		}
	}
	c, dead := open(t, n, core.SOCK_STREAM), netip.MustParseAddrPort("127.0.0.1:9")
	ok(t, c.SetTimeout(time.Hour))
	for i, want := range []core.Errno{core.ECONNREFUSED, core.ECONNABORTED, core.ECONNREFUSED} {
		if got := c.ConnectEx(dead); got != want {
			t.Errorf("connect %d is %v, want %v", i, got, want)
		}
	}
}

func TestABlockingSendWaitsUntilAllIsTaken(t *testing.T) {
	const size = 1 << 20
	for _, c := range []struct {
		name string
		end  func(client, server core.Socket)
		all  bool
		next core.Errno
	}{
		{"read", func(_, server core.Socket) {
			p := make([]byte, size)
			server.Recv(p, core.MSG_WAITALL)
		}, true, 0},
		{"canceled", func(client, _ core.Socket) { client.SetCanceled(true) }, false, core.ECANCELED},
		{"closed", func(client, _ core.Socket) { client.Close() }, false, core.EBADF},
		{"reset", func(_, server core.Socket) { server.Close() }, false, core.ECONNRESET},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := pair(t, new(memnet.Network))
				sent := -1
				go func() { sent, _ = client.Send(make([]byte, size), 0) }()
				synctest.Wait()
				if sent != -1 {
					t.Fatalf("%d bytes were taken without waiting", sent)
				}
				c.end(client, server)
				synctest.Wait()
				if all := sent == size; all != c.all || sent <= 0 {
					t.Errorf("%d of %d bytes were taken", sent, size)
				}
				if err := sendOne(client); err != nil || c.next != 0 {
					fails(t, err, c.next)
				}
			})
		})
	}
}

func TestASendAllThatIsCanceledEndsThoughAPartWasTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, _ := pair(t, new(memnet.Network))
		done := make(chan error)
		go func() { done <- client.SendAll(make([]byte, 1<<20), 0) }()
		synctest.Wait()
		client.SetCanceled(true)
		client.SetCanceled(false)
		fails(t, <-done, core.ECANCELED)
	})
}
