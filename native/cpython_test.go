//go:build linux

package native

import (
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

func TestATimeoutWaitsBeforeItTellsAnEarlyError(t *testing.T) {
	p := make([]byte, 1)
	fromListener := func(t testing.TB) *socket { s, _ := listening(t, 1); return s }
	connected := func(t testing.TB) *socket { a, _ := streamPair(t); return a.(*socket) }
	tests := []struct {
		name string
		make func(testing.TB) *socket
		call func(s *socket) error
		want core.Errno // in blocking mode
	}{
		{"Recv on a listener", fromListener, func(s *socket) error { _, err := s.Recv(p, 0); return err }, core.ENOTCONN},
		{"Send on a listener", fromListener, func(s *socket) error { _, err := s.Send(p, 0); return err }, core.EPIPE},
		{"SendAll on a listener", fromListener, func(s *socket) error { return s.SendAll(p, 0) }, core.EPIPE},
		{"Accept on a datagram socket", datagram, func(s *socket) error { _, _, err := s.Accept(); return err }, core.ENOTSUP},
		{"Accept on a connected socket", connected, func(s *socket) error { _, _, err := s.Accept(); return err }, core.EINVAL},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s := tt.make(t)
			wantErr(t, "blocking", tt.call(s), tt.want)
			must(t, s.SetTimeout(5*time.Millisecond))
			wantErr(t, "with a timeout", tt.call(s), core.ErrTimeout)
		})
	}
}

func TestATimeoutTellsAtOnceWhatPollAnnounces(t *testing.T) {
	p := make([]byte, 1)
	fresh := stream(t)
	must(t, fresh.SetTimeout(time.Hour))
	_, err := fresh.Recv(p, 0)
	wantErr(t, "Recv on a fresh stream", err, core.ENOTCONN)
	a, _ := streamPair(t)
	must(t, a.SetTimeout(time.Hour))
	must(t, a.Shutdown(core.SHUT_WR))
	_, err = a.Send(p, 0)
	wantErr(t, "Send after SHUT_WR", err, core.EPIPE)
}

func TestATimeoutWaitsInSpiteOfDontWait(t *testing.T) {
	a, _ := streamPair(t)
	must(t, a.SetTimeout(5*time.Millisecond))
	_, err := a.Recv(make([]byte, 1), core.MSG_DONTWAIT)
	wantErr(t, "Recv", err, core.ErrTimeout)
}

func TestABlockingSendTakesAll(t *testing.T) {
	a, b := streamPair(t)
	const size = 32 << 20
	n := 0
	result := started(t, func() (err error) { n, err = a.Send(make([]byte, size), 0); return err })
	waiting(t, &a.(*socket).write)
	p := make([]byte, 1<<20)
	for total := 0; total < size; {
		total += value(b.Recv(p, 0))(t)
	}
	wantErr(t, "Send", result(), nil)
	if n != size {
		t.Errorf("took %d of %d bytes", n, size)
	}
}

func TestABlockingSendThatIsCanceledReturnsItsPart(t *testing.T) {
	a, _ := streamPair(t)
	n := 0
	result := started(t, func() (err error) { n, err = a.Send(make([]byte, 64<<20), 0); return err })
	waiting(t, &a.(*socket).write)
	a.SetCanceled(true)
	if err := result(); err != nil && err != error(core.ECANCELED) || err != nil && n > 0 {
		t.Errorf("Send gives %d, %v", n, err)
	}
}

func TestABlockingReceiveEndsOnAShutDatagramSocket(t *testing.T) {
	s, peer := datagram(t), datagram(t)
	must(t, peer.Bind(loopback))
	must(t, s.Connect(value(peer.GetSockName())(t)))
	result := started(t, func() error { _, err := s.Recv(make([]byte, 1), 0); return err })
	waiting(t, &s.read)
	must(t, s.Shutdown(core.SHUT_RD))
	wantErr(t, "the Recv that waits", result(), nil)
	_ = recvText(t, s, 1, 0)
	_, err := s.Recv(make([]byte, 1), core.MSG_DONTWAIT)
	wantErr(t, "Recv with MSG_DONTWAIT", err, core.EAGAIN)
}
