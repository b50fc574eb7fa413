//go:build linux || darwin || freebsd || windows

package native

import (
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// waits is a call of each kind that waits for ever, with the direction it
// waits in.
var waits = []struct {
	name string
	make func(t testing.TB) (s *socket, d *direction, call func() error)
}{
	{"Recv", func(t testing.TB) (*socket, *direction, func() error) {
		_, b := streamPair(t)
		s := b.(*socket)
		return s, &s.read, func() error { _, err := s.Recv(make([]byte, 1), 0); return err }
	}},
	{"RecvFrom", func(t testing.TB) (*socket, *direction, func() error) {
		s := datagram(t)
		return s, &s.read, func() error { _, _, err := s.RecvFrom(make([]byte, 1), 0); return err }
	}},
	{"Accept", func(t testing.TB) (*socket, *direction, func() error) {
		s, _ := listening(t, 1)
		return s, &s.read, func() error { _, _, err := s.Accept(); return err }
	}},
	{"SendAll", func(t testing.TB) (*socket, *direction, func() error) {
		a, _ := streamPair(t)
		s := a.(*socket)
		return s, &s.write, func() error { return s.SendAll(make([]byte, 64<<20), 0) }
	}},
	{"Connect", func(t testing.TB) (*socket, *direction, func() error) {
		_, address := listening(t, 0)
		must(t, stream(t).Connect(address))
		s := stream(t)
		return s, &s.write, func() error { return s.Connect(address) }
	}},
}

// endings is what ends a wait from outside.
var endings = []struct {
	name string
	end  func(s *socket)
	want core.Errno
}{
	{"a cancel", func(s *socket) { s.SetCanceled(true) }, core.ECANCELED},
	{"a cancel taken back at once", func(s *socket) { s.SetCanceled(true); s.SetCanceled(false) }, core.ECANCELED},
	{"a close", func(s *socket) { _ = s.Close() }, core.EBADF},
}

func TestAWaitEndsFromOutside(t *testing.T) {
	for _, wait := range waits {
		for _, ending := range endings {
			for _, timeout := range []time.Duration{core.Blocking, time.Hour} {
				t.Run(wait.name+"/"+ending.name+"/"+timeout.String(), func(t *testing.T) {
					s, d, call := wait.make(t)
					must(t, s.SetTimeout(timeout))
					result := started(t, call)
					waiting(t, d)
					ending.end(s)
					wantErr(t, wait.name, result(), ending.want)
				})
			}
		}
	}
}

// The cancel comes at whatever moment of the call; the socket is the same, so
// that what one round leaves behind the next would meet.
func TestNoCancelIsLost(t *testing.T) {
	for _, timeout := range []time.Duration{core.Blocking, time.Hour} {
		s := datagram(t)
		must(t, s.SetTimeout(timeout))
		for range 2000 {
			result := started(t, func() error { _, err := s.Recv(make([]byte, 1), 0); return err })
			s.SetCanceled(true)
			wantErr(t, "Recv", result(), core.ECANCELED)
			s.SetCanceled(false)
		}
	}
}

func TestACloseEndsEveryWaiter(t *testing.T) {
	for range 100 {
		s := datagram(t)
		var running sync.WaitGroup
		for i := range 8 {
			running.Go(func() {
				_ = s.SetTimeout(core.Blocking + time.Duration(i%2)*time.Hour)
				_, err := s.Recv(make([]byte, 1), 0)
				wantErr(t, "Recv", err, core.EBADF)
			})
		}
		must(t, s.Close())
		running.Wait()
	}
}

func TestACanceledSocketGivesWhatIsThereAndDoesNotWait(t *testing.T) {
	a, b := streamPair(t)
	b.SetCanceled(true)
	b.SetCanceled(true)
	for _, timeout := range []time.Duration{core.Blocking, core.NonBlocking, time.Hour} {
		must(t, b.SetTimeout(timeout))
		_, err := b.Recv(make([]byte, 1), 0)
		wantErr(t, "Recv with timeout "+timeout.String(), err, core.ECANCELED)
	}
	must(t, b.SetBlocking(true))
	must(t, a.SendAll([]byte("xy"), 0))
	b.SetCanceled(false)
	_ = value(poll([]core.PollFd{{Socket: b, Events: core.POLLIN}}, patience))(t)
	b.SetCanceled(true)
	if got := recvText(t, b, 1, 0); got != "x" {
		t.Errorf("canceled, it received %q", got)
	}
	b.SetCanceled(false)
	if got := recvText(t, b, 1, 0); got != "y" {
		t.Errorf("restored, it received %q", got)
	}
}
