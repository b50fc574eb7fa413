package bench

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// A Load is a way to use a server.
type Load struct {
	Name string
	// chunk is how many operations are done before it is the other server's
	// turn.
	chunk int
	begin func(address string) (driver, error)
}

// driver uses one server: run does n operations and notes how long each took,
// in any order.
type driver interface {
	run(n int, took []time.Duration) error
	end()
}

// Loads are what the handlers are measured with.
func Loads() []Load {
	return []Load{
		{"ping-pong, 1 connection, 64 B", 2000, exchanges(1, 64)},
		{"ping-pong, 64 connections, 64 B", 8000, exchanges(64, 64)},
		{"ping-pong, 16 connections, 4 KiB", 4000, exchanges(16, 4096)},
		{"connect, ping, close, 16 at a time", 1000, visits(16)},
		{"streaming, 4 connections, 64 KiB", 1000, streams(4, 64<<10)},
	}
}

// patience bounds every wait for a server.
const patience = 30 * time.Second

// connections is a driver whose operations share the work evenly: each
// connection, or goroutine, does its part.
type connections struct {
	conns []net.Conn
	do    func(i, n int, took []time.Duration) error
	count int
}

func (c *connections) run(n int, took []time.Duration) error {
	errs := make([]error, c.count)
	var group sync.WaitGroup
	from := 0
	for i := range c.count {
		part := (n + i) / c.count
		mine := took[from : from+part]
		from += part
		group.Go(func() { errs[i] = c.do(i, part, mine) })
	}
	group.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

func (c *connections) end() {
	for _, conn := range c.conns {
		_ = conn.Close()
	}
}

func dial(address string, n int) (conns []net.Conn, err error) {
	for range n {
		conn, err := net.DialTimeout("tcp", address, patience)
		if err != nil {
			(&connections{conns: conns}).end()
			return nil, err
		}
		conns = append(conns, conn)
	}
	return conns, nil
}

// exchanges sends a message on each connection and waits for the reply.
func exchanges(count, size int) func(string) (driver, error) {
	return func(address string) (driver, error) {
		conns, err := dial(address, count)
		if err != nil {
			return nil, err
		}
		message := bytes.Repeat([]byte("a"), size)
		return &connections{conns, func(i, n int, took []time.Duration) error {
			reply := make([]byte, size)
			return each(n, took, func() error { return exchange(conns[i], message, reply) })
		}, count}, nil
	}
}

func each(n int, took []time.Duration, do func() error) error {
	for i := range n {
		began := time.Now()
		if err := do(); err != nil {
			return err
		}
		took[i] = time.Since(began)
	}
	return nil
}

func exchange(conn net.Conn, message, reply []byte) error {
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	if _, err := conn.Write(message); err != nil {
		return err
	}
	if _, err := io.ReadFull(conn, reply); err != nil {
		return err
	}
	if last := reply[len(reply)-1] | 0x20; last != 'a' {
		return fmt.Errorf("the reply to %q ends with %q", "a", last)
	}
	return nil
}

// visits connects, exchanges one message and closes.
func visits(atATime int) func(string) (driver, error) {
	return func(address string) (driver, error) {
		return &connections{nil, func(_, n int, took []time.Duration) error {
			reply := make([]byte, 12)
			return each(n, took, func() error {
				conns, err := dial(address, 1)
				if err != nil {
					return err
				}
				defer conns[0].Close()
				return exchange(conns[0], []byte("aaaaaaaaaaaa"), reply)
			})
		}, atATime}, nil
	}
}

// streams writes and reads at the same time.
func streams(count, size int) func(string) (driver, error) {
	return func(address string) (driver, error) {
		conns, err := dial(address, count)
		if err != nil {
			return nil, err
		}
		message := bytes.Repeat([]byte("a"), size)
		return &connections{conns, func(i, n int, took []time.Duration) error {
			if err := conns[i].SetDeadline(time.Now().Add(patience)); err != nil {
				return err
			}
			read := make(chan error, 1)
			go func() {
				_, err := io.CopyN(io.Discard, conns[i], int64(n*size))
				read <- err
			}()
			err := each(n, took, func() error {
				_, err := conns[i].Write(message)
				return err
			})
			if failed := <-read; err == nil {
				err = failed
			}
			return err
		}, count}, nil
	}
}
