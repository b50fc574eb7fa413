//go:build linux || darwin || freebsd

package native

import (
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// TestACancelThatOvertakesACallEndsNoneThatNeedNotWait cancels between the call's
// look at the socket's state and its system call.
func TestACancelThatOvertakesACallEndsNoneThatNeedNotWait(t *testing.T) {
	for _, timeout := range []time.Duration{core.Blocking, time.Hour} {
		a, b := streamPair(t)
		s := a.(*socket)
		must(t, s.SetTimeout(timeout))
		overtaken := func(d *direction, do func(*op, int) error, p []byte) (int, error) {
			o := d.take()
			defer d.put(o)
			o.do, o.p = do, p
			l := s.limit(0)
			s.SetCanceled(true)
			defer s.SetCanceled(false)
			return o.n, s.call(d, o, l)
		}
		_, err := overtaken(&s.write, doSend, []byte("x"))
		must(t, err)
		if got := recvText(t, b, 1, 0); got != "x" {
			t.Errorf("the peer has %q", got)
		}
		must(t, b.SendAll([]byte("y"), 0))
		_ = value(poll([]core.PollFd{{Socket: a, Events: core.POLLIN}}, patience))(t)
		_, err = overtaken(&s.read, doRecv, make([]byte, 1))
		must(t, err)
		_, err = overtaken(&s.read, doRecv, make([]byte, 1))
		wantErr(t, "Recv of nothing", err, core.ECANCELED)
	}
}
