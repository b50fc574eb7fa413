//go:build linux || darwin || freebsd

package native

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"time"

	mdlayher "github.com/mdlayher/socket"
	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// BenchmarkPingPong sends 64 bytes to and fro over loopback, by this package,
// by mdlayher/socket and by package net. All take turns of some tens of
// milliseconds, so that what else the machine does meets all alike; the
// metrics are the median turn's time for one exchange.
func BenchmarkPingPong(b *testing.B) {
	makers := []struct {
		name string
		make func(testing.TB) (client, server conn)
	}{
		{"native", nativePair},
		{"timeout", nativeTimeoutPair},
		{"mdlayher", mdlayherPair},
		{"net", netPair},
	}
	for _, count := range []int{1, 64} {
		b.Run(fmt.Sprintf("connections=%d", count), func(b *testing.B) {
			rigs := make([]*rig, len(makers))
			for i, m := range makers {
				rigs[i] = newRig(b, count, m.make)
			}
			times := make([][]float64, len(makers))
			for b.Loop() {
				for i, r := range rigs {
					times[i] = append(times[i], r.turn())
				}
			}
			for i, m := range makers {
				slices.Sort(times[i])
				b.ReportMetric(times[i][len(times[i])/2], m.name+"-ns/exchange")
			}
			b.ReportMetric(0, "ns/op")
		})
	}
}

// conn is what the benchmark asks of an end.
type conn interface {
	Read(p []byte) (int, error)
	Write(p []byte) (int, error)
	Close() error
}

// rig is some connections whose far ends echo.
type rig struct{ clients []conn }

const exchanges = 6400 // in one turn, over all connections

func newRig(b *testing.B, count int, make func(testing.TB) (client, server conn)) *rig {
	r := &rig{}
	var echoing sync.WaitGroup
	b.Cleanup(func() {
		for _, c := range r.clients {
			_ = c.Close()
		}
		echoing.Wait()
	})
	for range count {
		client, server := make(b)
		r.clients = append(r.clients, client)
		echoing.Go(func() { echo(server) })
	}
	return r
}

func echo(c conn) {
	defer c.Close()
	p := make([]byte, 64)
	for {
		n, err := c.Read(p)
		if n == 0 || err != nil {
			return
		}
		if _, err := c.Write(p[:n]); err != nil {
			return
		}
	}
}

// turn returns the nanoseconds of one exchange.
func (r *rig) turn() float64 {
	began := time.Now()
	var running sync.WaitGroup
	for _, c := range r.clients {
		running.Go(func() {
			p := make([]byte, 64)
			for range exchanges / len(r.clients) {
				_, _ = c.Write(p)
				_, _ = c.Read(p)
			}
		})
	}
	running.Wait()
	return float64(time.Since(began).Nanoseconds()) / exchanges
}

type nativeConn struct{ core.Socket }

func (c nativeConn) Read(p []byte) (int, error)  { return c.Recv(p, 0) }
func (c nativeConn) Write(p []byte) (int, error) { return c.Send(p, 0) }

func nativePair(t testing.TB) (client, server conn) {
	a, b := streamPair(t)
	return nativeConn{a}, nativeConn{b}
}

func nativeTimeoutPair(t testing.TB) (client, server conn) {
	a, b := streamPair(t)
	must(t, a.SetTimeout(time.Minute))
	must(t, b.SetTimeout(time.Minute))
	return nativeConn{a}, nativeConn{b}
}

func mdlayherPair(t testing.TB) (client, server conn) {
	ctx := context.Background()
	listener := value(mdlayher.Socket(unix.AF_INET, unix.SOCK_STREAM, 0, "listener", nil))(t)
	defer listener.Close()
	must(t, listener.Bind(&unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	must(t, listener.Listen(1))
	a := value(mdlayher.Socket(unix.AF_INET, unix.SOCK_STREAM, 0, "client", nil))(t)
	value(a.Connect(ctx, value(listener.Getsockname())(t)))(t)
	b, _, err := listener.Accept(ctx, 0)
	must(t, err)
	return a, b
}

func netPair(t testing.TB) (client, server conn) {
	listener := value(net.Listen("tcp", "127.0.0.1:0"))(t)
	defer listener.Close()
	a := value(net.Dial("tcp", listener.Addr().String()))(t)
	return a, value(listener.Accept())(t)
}

// BenchmarkPoll waits for the last of some sockets, which becomes readable
// after the wait has begun as often as not.
func BenchmarkPoll(b *testing.B) {
	for _, count := range []int{1, 2, 64, 1000} {
		b.Run(fmt.Sprintf("sockets=%d", count), func(b *testing.B) { benchmarkPoll(b, count) })
	}
}

func benchmarkPoll(b *testing.B, count int) {
	list := make([]core.PollFd, count)
	for i := range list {
		s := value(Network{}.Socket(core.AF_INET, core.SOCK_DGRAM, 0))(b)
		b.Cleanup(func() { _ = s.Close() })
		must(b, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
		list[i] = core.PollFd{Socket: s, Events: core.POLLIN}
	}
	last := list[count-1].Socket
	sender := value(Network{}.Socket(core.AF_INET, core.SOCK_DGRAM, 0))(b)
	defer sender.Close()
	to := value(last.GetSockName())(b)
	wait := make(chan struct{})
	defer close(wait)
	go func() {
		for range wait {
			_, _ = sender.SendTo([]byte("x"), 0, to)
		}
	}()
	p := make([]byte, 1)
	for b.Loop() {
		wait <- struct{}{}
		if _, err := (Network{}).Poll(context.Background(), list, time.Minute); err != nil {
			b.Fatal(err)
		}
		_, _ = last.Recv(p, core.MSG_DONTWAIT)
	}
}
