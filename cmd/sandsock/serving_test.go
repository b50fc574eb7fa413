package main_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"testing"

	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/wasmhost"
)

// handlers are the bundled handlers, and what each makes of a byte.
var handlers = map[string]func([]byte) []byte{
	"upper":    upperASCII,
	"upper-go": upperASCII,
	"echo":     bytes.Clone,
}

// upperASCII is Python's bytes.upper: it changes a to z and nothing else.
func upperASCII(p []byte) []byte {
	out := bytes.Clone(p)
	for i, c := range out {
		if 'a' <= c && c <= 'z' {
			out[i] = c - 0x20
		}
	}
	return out
}

// eachHandler runs a test on every bundled handler; when time is short, on the
// one that compiles at once.
func eachHandler(t *testing.T, test func(t *testing.T, w *world, want func([]byte) []byte)) {
	for name, want := range handlers {
		if testing.Short() && name != "upper" {
			continue
		}
		t.Run(name, func(t *testing.T) { test(t, bundled(t, name), want) })
	}
}

// roundTrip sends a message while it reads as many bytes back.
func roundTrip(t *testing.T, c net.Conn, message []byte) []byte {
	t.Helper()
	sent := make(chan error, 1)
	go func() {
		_, err := c.Write(message)
		sent <- err
	}()
	reply := make([]byte, len(message))
	_, err := io.ReadFull(c, reply)
	check(t, err)
	check(t, <-sent)
	return reply
}

func everyByte(n int) []byte {
	p := make([]byte, n)
	for i := range p {
		p[i] = byte(i + i>>8)
	}
	return p
}

func TestAMessageOf300KBComesBackWhole(t *testing.T) {
	eachHandler(t, func(t *testing.T, w *world, want func([]byte) []byte) {
		c := w.dial()
		defer c.Close()
		message := everyByte(300 << 10)
		if got := roundTrip(t, c, message); !bytes.Equal(got, want(message)) {
			t.Error("the reply is not the message")
		}
	})
}

func TestEveryByteValueOneByteAtATime(t *testing.T) {
	eachHandler(t, func(t *testing.T, w *world, want func([]byte) []byte) {
		c := w.dial()
		defer c.Close()
		for i := range 256 {
			message := []byte{byte(i)}
			if got := roundTrip(t, c, message); !bytes.Equal(got, want(message)) {
				t.Errorf("byte %#x comes back as %#x", i, got)
			}
		}
	})
}

func TestEveryLengthAroundTheVectors(t *testing.T) {
	eachHandler(t, func(t *testing.T, w *world, want func([]byte) []byte) {
		c := w.dial()
		defer c.Close()
		for n := 1; n < 70; n++ {
			message := bytes.Repeat([]byte("az{`\xe1\x7f"), 12)[:n]
			if got := roundTrip(t, c, message); !bytes.Equal(got, want(message)) {
				t.Errorf("%d bytes: %q comes back as %q", n, message, got)
			}
		}
	})
}

func TestAHalfClosedClientStillReads(t *testing.T) {
	if apart(t) {
		return
	}
	eachHandler(t, func(t *testing.T, w *world, want func([]byte) []byte) {
		c := w.dial()
		defer c.Close()
		message := everyByte(20 << 10)
		_, err := c.Write(message)
		check(t, err)
		check(t, c.CloseWrite())
		got, err := io.ReadAll(c)
		check(t, err)
		if !bytes.Equal(got, want(message)) {
			t.Errorf("after the half-close %d of %d bytes came back", len(got), len(message))
		}
	})
	faults.Row(t, "T43", "the whole answer", faults.Always("an end is the call's result"))
}

func TestAResetInTheMiddleOfASendEndsOneConnection(t *testing.T) {
	if apart(t) {
		return
	}
	eachHandler(t, func(t *testing.T, w *world, want func([]byte) []byte) {
		base := measure()
		c := w.dial()
		// Send and never read, until the handler's send is what waits; then
		// reset.
		full := make([]byte, 64<<10)
		check(t, c.SetWriteBuffer(4096))
		check(t, c.SetReadBuffer(4096))
		for range 8 {
			if _, err := c.Write(full); err != nil {
				break
			}
		}
		check(t, c.SetLinger(0))
		check(t, c.Close())
		leak(t, base)
		if n := w.count(wasmhost.EventClosed) + w.count(wasmhost.EventFailed); n != 1 {
			t.Errorf("%d endings were reported", n)
		}
		again := w.dial()
		defer again.Close()
		if got := roundTrip(t, again, []byte("next")); !bytes.Equal(got, want([]byte("next"))) {
			t.Errorf("the next connection gets %q", got)
		}
	})
	faults.Row(t, "T42", "one connection ends, and the next is served", faults.Always("an error is the call's result"))
}

func TestClientsThatLeaveBeforeAccept(t *testing.T) {
	w := bundled(t, "upper")
	base := measure()
	for range 200 {
		c := w.dial()
		check(t, c.SetLinger(0))
		check(t, c.Close())
	}
	c := w.dial()
	if got := roundTrip(t, c, []byte("after")); string(got) != "AFTER" {
		t.Errorf("the next connection gets %q", got)
	}
	check(t, c.Close())
	leak(t, base)
}

func TestAThousandConnectionsAtOnce(t *testing.T) {
	eachHandler(t, func(t *testing.T, w *world, want func([]byte) []byte) {
		n := 1000
		if w.route.Versions()[0].Handler != "upper" {
			n = 100 // a Go guest has 3 MB an instance
		}
		base := measure()
		conns := make([]*net.TCPConn, n)
		for i := range conns {
			conns[i] = w.dial()
		}
		var group sync.WaitGroup
		for i, c := range conns {
			group.Go(func() {
				message := fmt.Appendf(nil, "connection number %d", i)
				if got := roundTrip(t, c, message); !bytes.Equal(got, want(message)) {
					t.Errorf("connection %d gets %q", i, got)
				}
			})
		}
		group.Wait()
		if open := w.count(wasmhost.EventConnected); open != n {
			t.Errorf("%d instances at work, want %d", open, n)
		}
		for _, c := range conns {
			check(t, c.Close())
		}
		leak(t, base)
		if closed := w.count(wasmhost.EventClosed); closed != n {
			t.Errorf("%d instances closed, want %d; failed: %+v", closed, n, w.failed)
		}
	})
}

func TestTwentyThousandConnectionsOneAfterAnother(t *testing.T) {
	n := 20000
	if testing.Short() {
		n = 1000
	}
	w := bundled(t, "upper")
	base := measure()
	reply := make([]byte, 16)
	for i := range n {
		c := w.dial()
		_, err := c.Write([]byte("holle world!"))
		check(t, err)
		if _, err := io.ReadFull(c, reply[:12]); err != nil || string(reply[:12]) != "HOLLE WORLD!" {
			t.Fatalf("connection %d gets %q, %v", i, reply[:12], err)
		}
		// Reset, so that 20,000 ports are not left in TIME_WAIT.
		check(t, c.SetLinger(0))
		check(t, c.Close())
	}
	leak(t, base)
	w.drain()
	if ended := w.count(wasmhost.EventClosed) + w.count(wasmhost.EventFailed); ended != n {
		t.Errorf("%d of %d connections ended", ended, n)
	}
}
