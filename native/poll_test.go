//go:build linux || darwin || freebsd || windows

package native

import (
	"context"
	"runtime"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

func poll(list []core.PollFd, timeout time.Duration) (int, error) {
	return Network{}.Poll(context.Background(), list, timeout)
}

// idle returns sockets nothing comes to.
func idle(t testing.TB, count int) []core.PollFd {
	list := make([]core.PollFd, count)
	for i := range list {
		s := datagram(t)
		must(t, s.Bind(loopback))
		list[i] = core.PollFd{Socket: s, Events: core.POLLIN}
	}
	return list
}

func TestPollReportsWhatIsThere(t *testing.T) {
	a, b := streamPair(t)
	closed := stream(t)
	must(t, closed.Close())
	ended, endedPeer := streamPair(t)
	must(t, endedPeer.Shutdown(core.SHUT_WR))
	must(t, a.SendAll([]byte("x"), 0))
	recvText(t, b, 1, core.MSG_PEEK)
	recvText(t, ended, 1, core.MSG_PEEK)
	fresh := core.POLLOUT | core.POLLHUP // Linux's, for a socket not connected

	tests := []struct {
		name   string
		socket core.Socket
		events int16
		want   int16
	}{
		{"nothing to read", a, core.POLLIN, 0},
		{"something to read", b, core.POLLIN, core.POLLIN},
		{"only what was asked", b, core.POLLOUT, core.POLLOUT},
		{"both", b, core.POLLIN | core.POLLOUT, core.POLLIN | core.POLLOUT},
		{"the peer's end", ended, core.POLLIN | core.POLLRDHUP, core.POLLIN | core.POLLRDHUP},
		{"a closed socket", closed, core.POLLIN, core.POLLNVAL},
		{"nothing asked", b, 0, 0},
		{"bits that mean other things to epoll", a, -0x8000 | core.POLLIN, 0},
		{"a passed-over entry", nil, core.POLLIN, 0},
		{"a socket not connected", stream(t), core.POLLIN | core.POLLOUT, fresh},
	}
	var all []core.PollFd
	for _, tt := range tests {
		if runtime.GOOS != "linux" && tt.want == fresh {
			continue
		}
		entry := core.PollFd{Socket: tt.socket, Events: tt.events, Revents: -1}
		all = append(all, entry)
		list := []core.PollFd{entry}
		_, err := poll(list, 0)
		must(t, err)
		if list[0].Revents != tt.want {
			t.Errorf("%s: got %#x, want %#x", tt.name, list[0].Revents, tt.want)
		}
	}
	if n := value(poll(all, core.Blocking))(t); n < 5 {
		t.Errorf("together %d are ready", n)
	}
	for i, entry := range all {
		if entry.Revents != tests[i].want {
			t.Errorf("%s, together: got %#x, want %#x", tests[i].name, entry.Revents, tests[i].want)
		}
	}
}

func TestPollWaitsUntilSomethingIsThere(t *testing.T) {
	for _, count := range []int{1, 2, 200} {
		list := idle(t, count)
		last := list[count-1].Socket
		result := started(t, func() error { _, err := poll(list, patience); return err })
		pollsWaiting(t, last.(*socket))
		_, err := datagram(t).SendTo([]byte("x"), 0, value(last.GetSockName())(t))
		must(t, err)
		wantErr(t, "Poll", result(), nil)
		if list[count-1].Revents != core.POLLIN {
			t.Errorf("the last of %d reports %#x", count, list[count-1].Revents)
		}
	}
}

func TestPollReportsTheEndOfATimeAsNothing(t *testing.T) {
	for _, count := range []int{0, 1, 3} {
		list := idle(t, count)
		for i := range list {
			list[i].Revents = -1
		}
		began := time.Now()
		n, err := poll(list, 5*time.Millisecond)
		if n != 0 || err != nil || time.Since(began) < 5*time.Millisecond {
			t.Errorf("%d sockets: Poll gives %d, %v after %v", count, n, err, time.Since(began))
		}
		for _, entry := range list {
			if entry.Revents != 0 {
				t.Errorf("an idle socket reports %#x", entry.Revents)
			}
		}
	}
}

func TestPollEndsFromOutside(t *testing.T) {
	for _, count := range []int{1, 3} {
		for _, ending := range endings {
			if ending.want == core.EBADF {
				continue // TestPollReportsASocketThatIsClosed
			}
			list := idle(t, count)
			s := list[count-1].Socket.(*socket)
			result := started(t, func() error { _, err := poll(list, core.Blocking); return err })
			pollsWaiting(t, s)
			ending.end(s)
			wantErr(t, ending.name, result(), core.ECANCELED)
		}
		list := idle(t, count)
		ctx, cancel := context.WithCancel(context.Background())
		result := started(t, func() error { _, err := Network{}.Poll(ctx, list, time.Hour); return err })
		pollsWaiting(t, list[0].Socket.(*socket))
		cancel()
		wantErr(t, "an ended context", result(), core.ECANCELED)
		_, err := Network{}.Poll(ctx, list, 0)
		wantErr(t, "a context that had ended", err, core.ECANCELED)
	}
}

func TestPollReportsASocketThatIsClosed(t *testing.T) {
	for _, count := range []int{1, 3} {
		list := idle(t, count)
		s := list[count-1].Socket.(*socket)
		result := started(t, func() error { _, err := poll(list, core.Blocking); return err })
		pollsWaiting(t, s)
		must(t, s.Close())
		wantErr(t, "Poll", result(), nil)
		if list[count-1].Revents != core.POLLNVAL {
			t.Errorf("the closed one of %d reports %#x", count, list[count-1].Revents)
		}
	}
}

func TestAnEndedContextLeavesNoDeadlineBehind(t *testing.T) {
	list := idle(t, 1)
	s := list[0].Socket.(*socket)
	for range 500 {
		ctx, cancel := context.WithCancel(context.Background())
		result := started(t, func() error { _, err := Network{}.Poll(ctx, list, core.Blocking); return err })
		cancel()
		wantErr(t, "Poll", result(), core.ECANCELED)
		_, err := poll(list, time.Microsecond)
		wantErr(t, "the next Poll", err, nil)
	}
	result := started(t, func() error { _, err := s.Recv(make([]byte, 1), 0); return err })
	waiting(t, &s.read)
	_, err := datagram(t).SendTo([]byte("x"), 0, value(s.GetSockName())(t))
	must(t, err)
	wantErr(t, "Recv", result(), nil)
}

func TestPollTakesOnlySocketsOfThisNetwork(t *testing.T) {
	type other struct{ core.Socket }
	_, err := poll([]core.PollFd{{Socket: other{stream(t)}}}, 0)
	wantErr(t, "Poll", err, core.EINVAL)
}

func TestPollOfOneSocketTwiceReportsBoth(t *testing.T) {
	a, b := streamPair(t)
	list := []core.PollFd{{Socket: b, Events: core.POLLIN}, {Socket: b, Events: core.POLLPRI}}
	result := started(t, func() error { _, err := poll(list, patience); return err })
	pollsWaiting(t, b.(*socket))
	must(t, a.SendAll([]byte("x"), 0))
	wantErr(t, "Poll", result(), nil)
	if list[0].Revents != core.POLLIN || list[1].Revents != 0 {
		t.Errorf("reported %#x and %#x", list[0].Revents, list[1].Revents)
	}
}

func TestAReceiveGoesOnBesideAPollForSomethingElse(t *testing.T) {
	a, b := streamPair(t)
	list := []core.PollFd{{Socket: b, Events: core.POLLRDHUP}}
	result := started(t, func() error { _, err := poll(list, patience); return err })
	pollsWaiting(t, b.(*socket))
	must(t, a.SendAll([]byte("x"), 0))
	received := started(t, func() error { _, err := b.Recv(make([]byte, 1), 0); return err })
	wantErr(t, "Recv", received(), nil)
	must(t, a.Close())
	wantErr(t, "Poll", result(), nil)
}
