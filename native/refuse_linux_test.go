package native

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// TestWhoWaitsIsAcceptedAfterARefusal, and who comes later is not.
func TestWhoWaitsIsAcceptedAfterARefusal(t *testing.T) {
	open := func(typ core.Type) *socket {
		s, err := Network{}.Socket(core.AF_INET, typ, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = s.Close() })
		return s.(*socket)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	l, early, late := open(core.SOCK_STREAM), open(core.SOCK_STREAM), open(core.SOCK_STREAM)
	must(l.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	must(l.Listen(8))
	at, err := l.GetSockName()
	must(err)
	must(early.Connect(at))
	must(l.Refuse())
	must(late.SetTimeout(200 * time.Millisecond))
	if err := late.Connect(at); core.AsErrno(err) != core.EAGAIN && core.AsErrno(err) != core.ETIMEDOUT && err != core.ErrTimeout {
		t.Errorf("one who comes later gets %v", err)
	}
	conn, _, err := l.Accept()
	must(err)
	defer conn.Close()
	must(l.SetTimeout(core.NonBlocking))
	if _, _, err := l.Accept(); core.AsErrno(err) != core.EAGAIN {
		t.Errorf("another is accepted: %v", err)
	}
	must(early.SendAll([]byte("a"), 0))
	if n, err := conn.Recv(make([]byte, 8), 0); n != 1 || err != nil {
		t.Errorf("what was accepted receives %d, %v", n, err)
	}
}
