package main_test

import (
	"bytes"
	"io"
	"net"
	"sync"
	"testing"
	"time"
)

// BenchmarkServing drives a native Go server and the sandboxed handlers with
// the same loads, in turn within one run, and reports the ratio of their
// speeds: above 1, the sandbox is faster.
func BenchmarkServing(b *testing.B) {
	for _, load := range loads {
		for _, handler := range []string{"upper", "upper-go", "echo"} {
			b.Run(load.name+"/"+handler, func(b *testing.B) {
				compare(b, load, nativeUpper(b), bundled(b, handler).address)
			})
		}
	}
}

// chunk is how many operations one server does before it is the other's turn:
// short against the machine's moods.
const chunk = 200

func compare(b *testing.B, load load, native, sandbox string) {
	n, s := load.begin(b, native), load.begin(b, sandbox)
	defer n.end()
	defer s.end()
	n.run(chunk)
	s.run(chunk)
	var nativeTook, sandboxTook time.Duration
	b.ResetTimer()
	for done := 0; done < b.N; done += chunk {
		nativeTook += timed(n, chunk)
		sandboxTook += timed(s, chunk)
	}
	b.StopTimer()
	rounds := float64((b.N + chunk - 1) / chunk * chunk)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(nativeTook)/rounds, "native-ns/op")
	b.ReportMetric(float64(sandboxTook)/rounds, "sandbox-ns/op")
	b.ReportMetric(float64(nativeTook)/float64(sandboxTook), "ratio")
}

func timed(d driver, n int) time.Duration {
	began := time.Now()
	d.run(n)
	return time.Since(began)
}

// A load is a way to use a server. A driver does it: run does n operations.
type load struct {
	name  string
	begin func(b *testing.B, address string) driver
}

type driver struct {
	run func(n int)
	end func()
}

var loads = []load{
	{"ping-pong/1 connection/64 B", pingPong(1, 64)},
	{"ping-pong/64 connections/64 B", pingPong(64, 64)},
	{"ping-pong/16 connections/4 KiB", pingPong(16, 4096)},
	{"connect, ping, close/16 at a time", connectPingClose(16)},
	{"streaming/4 connections/64 KiB", streaming(4, 64<<10)},
}

func pingPong(connections, size int) func(*testing.B, string) driver {
	return func(b *testing.B, address string) driver {
		conns := dialAll(b, address, connections)
		exchange := func(i int) {
			message, reply := bytes.Repeat([]byte("a"), size), make([]byte, size)
			must(b, conns[i].Write, message)
			if _, err := io.ReadFull(conns[i], reply); err != nil || reply[size-1]|0x20 != 'a' {
				b.Error(reply, err)
			}
		}
		return driver{
			run: func(n int) { spread(n, connections, exchange) },
			end: func() { closeAll(conns) },
		}
	}
}

// streaming writes and reads each connection at the same time.
func streaming(connections, size int) func(*testing.B, string) driver {
	return func(b *testing.B, address string) driver {
		conns := dialAll(b, address, connections)
		message := bytes.Repeat([]byte("a"), size)
		stream := func(i, n int) {
			var reader sync.WaitGroup
			reader.Go(func() {
				if _, err := io.CopyN(io.Discard, conns[i], int64(n*size)); err != nil {
					b.Error(err)
				}
			})
			for range n {
				must(b, conns[i].Write, message)
			}
			reader.Wait()
		}
		return driver{
			run: func(n int) { share(n, connections, stream) },
			end: func() { closeAll(conns) },
		}
	}
}

func connectPingClose(atATime int) func(*testing.B, string) driver {
	return func(b *testing.B, address string) driver {
		visit := func(int) {
			c := dialAll(b, address, 1)[0]
			must(b, c.Write, []byte("holle world!"))
			must(b, c.Read, make([]byte, 64))
			c.Close()
		}
		return driver{run: func(n int) { spread(n, atATime, visit) }, end: func() {}}
	}
}

// spread does n operations in several goroutines, each its own index.
func spread(n, goroutines int, do func(i int)) {
	share(n, goroutines, func(i, mine int) {
		for range mine {
			do(i)
		}
	})
}

func share(n, goroutines int, do func(i, mine int)) {
	var group sync.WaitGroup
	for i := range goroutines {
		group.Go(func() { do(i, (n+i)/goroutines) })
	}
	group.Wait()
}

func must(b *testing.B, io func([]byte) (int, error), p []byte) {
	if _, err := io(p); err != nil {
		b.Error(err)
	}
}

func dialAll(b *testing.B, address string, n int) []*net.TCPConn {
	conns := make([]*net.TCPConn, n)
	for i := range conns {
		c, err := net.Dial("tcp", address)
		check(b, err)
		conns[i] = c.(*net.TCPConn)
	}
	return conns
}

func closeAll(conns []*net.TCPConn) {
	for _, c := range conns {
		c.Close()
	}
}

// nativeUpper is the baseline: the handler as one writes it in plain Go, a
// goroutine a connection, 64 KiB of buffer, a byte at a time.
func nativeUpper(b *testing.B) (address string) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(b, err)
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := listener.Accept()
			if err != nil {
				return
			}
			serving.Go(func() { upperLoop(c) })
		}
	})
	b.Cleanup(func() {
		listener.Close()
		serving.Wait()
	})
	return listener.Addr().String()
}

func upperLoop(c net.Conn) {
	defer c.Close()
	buf := make([]byte, 64<<10)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		for i, x := range buf[:n] {
			if 'a' <= x && x <= 'z' {
				buf[i] = x - 0x20
			}
		}
		if _, err := c.Write(buf[:n]); err != nil {
			return
		}
	}
}
