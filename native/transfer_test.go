//go:build linux || darwin || freebsd || windows

package native

import (
	"bytes"
	"io"
	"net/netip"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

func recvText(t testing.TB, s core.Socket, size, flags int) string {
	t.Helper()
	p := make([]byte, size)
	n, err := s.Recv(p, flags)
	must(t, err)
	return string(p[:n])
}

func TestAStreamEndsWithZeroBytes(t *testing.T) {
	a, b := streamPair(t)
	must(t, a.SendAll([]byte("hello"), 0))
	must(t, a.Shutdown(core.SHUT_WR))
	for _, want := range []string{"hel", "lo", "", ""} {
		if got := recvText(t, b, 3, 0); got != want {
			t.Errorf("received %q, want %q", got, want)
		}
	}
	_, err := a.Send([]byte("x"), 0)
	wantErr(t, "Send after SHUT_WR", err, core.EPIPE)
}

func TestReceivingNothingIsNotTheEnd(t *testing.T) {
	s := stream(t)
	n, err := s.Recv(nil, 0)
	if n != 0 || err != nil {
		t.Errorf("Recv(nil) gives %d, %v", n, err)
	}
}

func TestTransfersOnAFreshSocketGiveTheSystemsErrors(t *testing.T) {
	p := []byte("x")
	tests := []struct {
		name string
		call func() error
		want core.Errno
	}{
		{"Recv", func() error { _, err := stream(t).Recv(p, 0); return err }, core.ENOTCONN},
		{"Send", func() error { _, err := stream(t).Send(p, 0); return err }, core.EPIPE},
		{"SendAll of nothing", func() error { return stream(t).SendAll(nil, 0) }, core.EPIPE},
		{"Send on a datagram socket", func() error { _, err := datagram(t).Send(p, 0); return err }, core.EDESTADDRREQ},
		{"SendTo the other family", func() error {
			_, err := datagram(t).SendTo(p, 0, netip.MustParseAddrPort("[::1]:1"))
			return err
		}, core.EAI_ADDRFAMILY},
		{"MSG_OOB", func() error { _, err := stream(t).Recv(p, core.MSG_OOB); return err }, core.ENOTSUP},
		{"an unknown flag", func() error { _, err := stream(t).Send(p, 1<<20); return err }, core.EINVAL},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) { wantErr(t, tt.name, tt.call(), tt.want) })
	}
}

func TestANonBlockingCallDoesNotWait(t *testing.T) {
	a, _ := streamPair(t)
	listener, _ := listening(t, 1)
	must(t, a.SetBlocking(false))
	must(t, listener.SetBlocking(false))
	_, err := a.Recv(make([]byte, 1), 0)
	wantErr(t, "Recv", err, core.EAGAIN)
	_, _, err = a.RecvFrom(make([]byte, 1), 0)
	wantErr(t, "RecvFrom", err, core.EAGAIN)
	_, err = a.Recv(make([]byte, 2), core.MSG_WAITALL)
	wantErr(t, "Recv with MSG_WAITALL", err, core.EAGAIN)
	_, _, err = listener.Accept()
	wantErr(t, "Accept", err, core.EAGAIN)
	must(t, a.SetBlocking(true))
	_, err = a.Recv(make([]byte, 1), core.MSG_DONTWAIT)
	wantErr(t, "Recv with MSG_DONTWAIT", err, core.EAGAIN)
}

func TestATimeoutEndsEachCall(t *testing.T) {
	a, _ := streamPair(t)
	listener, _ := listening(t, 1)
	for _, s := range []core.Socket{a, listener} {
		must(t, s.SetTimeout(5*time.Millisecond))
	}
	for range 2 {
		began := time.Now()
		_, err := a.Recv(make([]byte, 1), 0)
		wantErr(t, "Recv", err, core.ErrTimeout)
		if took := time.Since(began); took < 5*time.Millisecond {
			t.Errorf("the timeout came after %v", took)
		}
	}
	_, _, err := listener.Accept()
	wantErr(t, "Accept", err, core.ErrTimeout)
}

func TestTheShortestTimeoutReceivesWhatIsThere(t *testing.T) {
	a, b := streamPair(t)
	must(t, a.SendAll([]byte("x"), 0))
	recvText(t, b, 1, core.MSG_PEEK)
	must(t, b.SetTimeout(1))
	if got := recvText(t, b, 1, 0); got != "x" {
		t.Errorf("received %q", got)
	}
}

func TestATimeoutBehindAnotherWaitIsKept(t *testing.T) {
	a, b := streamPair(t)
	first := started(t, func() error { _, err := b.Recv(make([]byte, 1), 0); return err })
	waiting(t, &b.(*socket).read)
	must(t, b.SetTimeout(5*time.Millisecond))
	_, err := b.Recv(make([]byte, 1), 0)
	wantErr(t, "the second Recv", err, core.ErrTimeout)
	must(t, a.SendAll([]byte("x"), 0))
	wantErr(t, "the first Recv", first(), nil)
}

func TestNoTimeoutIsLeftWhenTheSocketBlocksAgain(t *testing.T) {
	a, b := streamPair(t)
	must(t, b.SetTimeout(time.Millisecond))
	_, err := b.Recv(make([]byte, 1), 0)
	wantErr(t, "Recv", err, core.ErrTimeout)
	must(t, b.SetBlocking(true))
	result := started(t, func() error { _, err := b.Recv(make([]byte, 1), 0); return err })
	waiting(t, &b.(*socket).read)
	must(t, a.SendAll([]byte("x"), 0))
	wantErr(t, "the blocking Recv", result(), nil)
}

func TestSendReturnsWhatTheSystemTook(t *testing.T) {
	a, _ := streamPair(t)
	p := make([]byte, 64<<20)
	n, err := a.Send(p, core.MSG_DONTWAIT)
	must(t, err)
	if n == 0 || n == len(p) {
		t.Errorf("the system took %d of %d bytes", n, len(p))
	}
	must(t, a.SetTimeout(5*time.Millisecond))
	wantErr(t, "SendAll to a peer that does not read", a.SendAll(p, 0), core.ErrTimeout)
	for err = nil; err == nil; { // the kernel may find room for more, late
		_, err = a.Send(p, 0)
	}
	wantErr(t, "Send to a peer that does not read", err, core.ErrTimeout)
	must(t, a.SetBlocking(false))
	wantErr(t, "SendAll without waiting", a.SendAll(p, 0), core.EAGAIN)
}

func TestSendAllSendsAll(t *testing.T) {
	for _, timeout := range []time.Duration{core.Blocking, patience} {
		a, b := streamPair(t)
		must(t, a.SetTimeout(timeout))
		sent := bytes.Repeat([]byte("sandsock"), 1<<20)
		result := started(t, func() error {
			defer a.Close()
			return a.SendAll(sent, 0)
		})
		got := value(io.ReadAll(core.Stream(b)))(t)
		wantErr(t, "SendAll", result(), nil)
		if !bytes.Equal(got, sent) {
			t.Errorf("received %d bytes, not what was sent", len(got))
		}
	}
}

func TestWaitAllWaitsForTheWholeBuffer(t *testing.T) {
	for _, flags := range []int{core.MSG_WAITALL, core.MSG_WAITALL | core.MSG_PEEK} {
		a, b := streamPair(t)
		must(t, a.SendAll([]byte("he"), 0))
		p := make([]byte, 5)
		result := started(t, func() error { _, err := b.Recv(p, flags); return err })
		waiting(t, &b.(*socket).read)
		must(t, a.SendAll([]byte("llo"), 0))
		wantErr(t, "Recv", result(), nil)
		if string(p) != "hello" {
			t.Errorf("received %q with flags %#x", p, flags)
		}
	}
}

func TestWaitAllReturnsWhatCameBeforeTheEnd(t *testing.T) {
	for _, flags := range []int{core.MSG_WAITALL, core.MSG_WAITALL | core.MSG_PEEK} {
		a, b := streamPair(t)
		must(t, a.SendAll([]byte("he"), 0))
		must(t, b.SetTimeout(patience))
		if got := recvText(t, b, 5, flags|core.MSG_PEEK); got != "he" {
			t.Errorf("received %q with a timeout", got)
		}
		must(t, b.SetBlocking(true))
		must(t, a.Shutdown(core.SHUT_WR))
		if got := recvText(t, b, 5, flags); got != "he" {
			t.Errorf("received %q before the end", got)
		}
	}
}

func TestWaitAllReturnsWhatCameBeforeACancel(t *testing.T) {
	a, b := streamPair(t)
	must(t, a.SendAll([]byte("he"), 0))
	if got := recvText(t, b, 2, core.MSG_PEEK); got != "he" {
		t.Fatalf("what has come is %q", got)
	}
	p := make([]byte, 5)
	n := 0
	result := started(t, func() (err error) { n, err = b.Recv(p, core.MSG_WAITALL); return err })
	eventually(t, "nothing was received", func() bool {
		_, err := b.Recv(make([]byte, 1), core.MSG_PEEK|core.MSG_DONTWAIT)
		return err == core.EAGAIN
	})
	b.SetCanceled(true)
	wantErr(t, "Recv", result(), nil)
	if string(p[:n]) != "he" {
		t.Errorf("received %q", p[:n])
	}
}

func TestPeekLeavesWhatItReads(t *testing.T) {
	a, b := streamPair(t)
	must(t, a.SendAll([]byte("x"), 0))
	for _, flags := range []int{core.MSG_PEEK, core.MSG_PEEK, 0} {
		if got := recvText(t, b, 9, flags); got != "x" {
			t.Errorf("received %q with flags %#x", got, flags)
		}
	}
}

func TestADatagramIsCutAndItsSenderNamed(t *testing.T) {
	a, b := datagram(t), datagram(t)
	must(t, a.Bind(loopback))
	must(t, b.Bind(loopback))
	to := value(b.GetSockName())(t)
	for _, text := range []string{"hello", "", "bye"} {
		n, err := a.SendTo([]byte(text), 0, to)
		if n != len(text) || err != nil {
			t.Fatalf("SendTo gives %d, %v", n, err)
		}
	}
	p := make([]byte, 3)
	for _, want := range []string{"hel", "", "bye"} {
		n, from, err := b.RecvFrom(p, 0)
		must(t, err)
		if own := value(a.GetSockName())(t); string(p[:n]) != want || from != own {
			t.Errorf("received %q from %v, want %q from %v", p[:n], from, want, own)
		}
	}
	_, err := a.SendTo(make([]byte, 70_000), 0, to)
	wantErr(t, "a datagram too long", err, core.EMSGSIZE)
}

func TestAStreamNamesNoSender(t *testing.T) {
	a, b := streamPair(t)
	must(t, a.SendAll([]byte("q"), 0))
	n, from, err := b.RecvFrom(make([]byte, 9), 0)
	if n != 1 || from.IsValid() || err != nil {
		t.Errorf("RecvFrom gives %d, %v, %v", n, from, err)
	}
	must(t, b.SetTimeout(time.Millisecond))
	n, _, err = b.RecvFrom(make([]byte, 9), 0)
	if n != 0 || err != core.ErrTimeout {
		t.Errorf("with nothing there, RecvFrom gives %d, %v", n, err)
	}
}

func TestAResetIsReportedOnce(t *testing.T) {
	a, b := streamPair(t)
	must(t, a.SetSockOpt(core.SOL_SOCKET, core.SO_LINGER, []byte{1, 0, 0, 0, 0, 0, 0, 0}))
	must(t, a.Close())
	_, err := b.Recv(make([]byte, 1), 0)
	wantErr(t, "Recv", err, core.ECONNRESET)
	if got := recvText(t, b, 1, 0); got != "" {
		t.Errorf("received %q", got)
	}
}
