package tour

import (
	"context"
	"io"
	"net"
	"strconv"
	"sync"
	"sync/atomic"
	"time"
)

// clients are those of the handler that attacks. They say one thing each, and
// count what they are sent.
type clients struct {
	conns []net.Conn
	bytes atomic.Int64
	all   sync.WaitGroup
	gone  chan struct{} // closed when the host has ended all
	told  bool          // that it is
}

func newClients(ctx context.Context, address string, n int, message string) (*clients, error) {
	c := &clients{gone: make(chan struct{})}
	var dialer net.Dialer
	for range n {
		conn, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			c.close()
			return nil, err
		}
		c.conns = append(c.conns, conn)
		c.all.Go(func() {
			_, _ = io.WriteString(conn, message) // its end is what counts, and may come first
			n, _ := io.Copy(io.Discard, conn)
			c.bytes.Add(n)
		})
	}
	go func() {
		c.all.Wait()
		close(c.gone)
	}()
	return c, nil
}

// over is closed when the host has ended all connections; never where there
// are none, or once that is known.
func (c *clients) over() <-chan struct{} {
	if c == nil || c.told {
		return nil
	}
	return c.gone
}

// received is how many bytes came, once they are closed.
func (c *clients) received() int64 { return c.bytes.Load() }

// close reads what is still on its way: nobody sends any more.
func (c *clients) close() {
	for _, conn := range c.conns {
		_ = conn.SetReadDeadline(time.Now().Add(time.Second))
	}
	c.all.Wait()
	for _, conn := range c.conns {
		_ = conn.Close()
	}
}

// target is a server that the attack must not reach.
type target struct {
	listener net.Listener
	gone     chan struct{}
	said     string // by the first that came
}

func newTarget() (*target, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	t := &target{listener: listener, gone: make(chan struct{})}
	go t.run()
	return t, nil
}

func (t *target) address() string { return t.listener.Addr().String() }

// last is what [target.close] says, after everybody who came before.
const last = "last"

func (t *target) run() {
	defer close(t.gone)
	for {
		conn, err := t.listener.Accept()
		if err != nil {
			return
		}
		said, _ := io.ReadAll(io.LimitReader(conn, 64))
		_ = conn.Close()
		if string(said) == last {
			return
		}
		if t.said == "" {
			t.said = strconv.Quote(string(said))
		}
	}
}

// close waits until all who are in the queue have been served: connections
// come out of it in the order in which they were made.
func (t *target) close() {
	if conn, err := net.Dial("tcp4", t.address()); err == nil {
		_, _ = io.WriteString(conn, last)
		_ = conn.Close()
	} else {
		_ = t.listener.Close()
	}
	<-t.gone
	_ = t.listener.Close()
}

// reached is what was said to the target, in quotes; empty where nobody came.
func (t *target) reached() string { return t.said }
