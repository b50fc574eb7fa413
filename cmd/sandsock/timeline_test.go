package main

import (
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// at is a moment of the timelines below, in tenths of a millisecond.
func at(tenths int) time.Time {
	return time.Unix(0, 0).Add(time.Duration(tenths) * 100 * time.Microsecond)
}

// session records the calls of a short echo, in an order no scheduler decides.
func session() *recorder {
	r := newRecorder()
	peer := netip.MustParseAddrPort("127.0.0.1:54280")
	own := netip.MustParseAddrPort("127.0.0.1:6565")
	for _, e := range []struct {
		side
		from, to int
		core.Event
	}{
		{server, 0, 1, core.Event{Call: "socket", Socket: 1}},
		{server, 1, 2, core.Event{Call: "bind", Socket: 1, Address: own}},
		{server, 2, 3, core.Event{Call: "listen", Socket: 1, Size: 5}},
		{server, 3, 7, core.Event{Call: "accept", Socket: 1, N: 2, Address: peer}},
		{client, 4, 5, core.Event{Call: "socket", Socket: 1}},
		{client, 5, 6, core.Event{Call: "connect", Socket: 1, Address: own}},
		{server, 8, 24, core.Event{Call: "accept", Socket: 1, Err: core.ECANCELED}},
		{server, 9, 11, core.Event{Call: "recv", Socket: 2, Size: 1024, N: 2, Data: []byte("hi")}},
		{client, 10, 12, core.Event{Call: "send", Socket: 1, Size: 2, N: 2, Data: []byte("hi")}},
		{server, 13, 14, core.Event{Call: "send", Socket: 2, Size: 2, N: 2, Data: []byte("HI")}},
		{client, 15, 16, core.Event{Call: "recv", Socket: 1, Size: 1024, N: 2, Data: []byte("HI")}},
		{client, 17, 18, core.Event{Call: "close", Socket: 1}},
		{server, 19, 20, core.Event{Call: "recv", Socket: 2, Size: 1024}},
		{server, 21, 22, core.Event{Call: "close", Socket: 2}},
		{server, 25, 26, core.Event{Call: "close", Socket: 1}},
	} {
		report := r.of(e.side)
		begin := core.Event{Call: e.Call, Socket: e.Socket, At: at(e.from)}
		report(begin)
		e.Ended, e.At = true, at(e.to)
		report(e.Event)
	}
	return r
}

const picture = `  ms    server (upper.wasm)                client
  0.0   s = socket.socket()
  0.1   s.bind(('127.0.0.1', 6565))
  0.2   s.listen(5)
  0.3   s.accept()       … waiting 0.4 ms
  0.4     ┊                                c = socket.socket()
  0.5     ┊                                c.connect(('127.0.0.1', 6565))
  0.7   → conn, ('127.0.0.1', 54280)
  0.9   conn.recv(1024)  … waiting 0.2 ms
  1.0     ┊                   ◀── 2 B ──   c.send(b'hi') → 2
  1.1   → b'hi'
  1.3   conn.send(b'HI') → 2  ── 2 B ──▶
  1.5                                      c.recv(1024) → b'HI'
  1.7                                      c.close()
  1.9   conn.recv(1024) → b''   (client closed)
  2.1   conn.close()
  2.5   s.close()`

func TestTimelineShowsWhoWaitsForWhom(t *testing.T) {
	calls := session().finished()
	if got := timeline(calls, "upper.wasm", false); got != picture {
		t.Errorf("got\n%s\nwant\n%s", got, picture)
	}
	if len(calls) != 14 || received(calls) != 4 || leftOpen(calls) != 0 {
		t.Errorf("%d calls, %d bytes, %d open", len(calls), received(calls), leftOpen(calls))
	}
}

func TestTimelineInColoursIsTheSameText(t *testing.T) {
	coloured := timeline(session().finished(), "upper.wasm", true)
	plain := strings.NewReplacer("\x1b[36m", "", "\x1b[0m", "").Replace(coloured)
	if coloured == plain || plain != picture {
		t.Errorf("got\n%s", coloured)
	}
}

func TestASocketThatStaysOpenIsCounted(t *testing.T) {
	calls := session().finished()
	if got := leftOpen(calls[:len(calls)-1]); got != 1 {
		t.Errorf("%d left open, want the listener", got)
	}
}
