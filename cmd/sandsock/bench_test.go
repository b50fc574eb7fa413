package main_test

import (
	"io"
	"net"
	"testing"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/bench"
)

// BenchmarkServing drives a server in plain Go and the bundled handlers with
// the loads of `sandsock bench`, all in this process, and reports the ratio of
// their speeds: above 1, the sandbox is faster.
func BenchmarkServing(b *testing.B) {
	for _, load := range bench.Loads() {
		for handler, native := range map[string]string{"upper": "bytes", "upper-go": "bytes", "echo": "echo"} {
			b.Run(load.Name+"/"+handler, func(b *testing.B) {
				servers := []bench.Server{
					{Name: "native", Address: nativeServer(b, native)},
					{Name: "sandbox", Address: bundled(b, handler).address},
				}
				for b.Loop() {
					r, err := bench.Measure(load, servers, 5)
					check(b, err)
					b.ReportMetric(0, "ns/op")
					b.ReportMetric(r.Servers[0].PerSec, "native/s")
					b.ReportMetric(r.Servers[1].PerSec, "sandbox/s")
					b.ReportMetric(r.Servers[1].Ratio, "ratio")
				}
			})
		}
	}
}

// BenchmarkFirstByte is from a connect to the first byte of an answer, over the
// loopback network: of a server in plain Go, and of the bundled handlers.
func BenchmarkFirstByte(b *testing.B) {
	b.Run("native", func(b *testing.B) { firstBytes(b, nativeServer(b, "echo")) })
	for _, handler := range []string{"upper", "echo"} {
		b.Run(handler, func(b *testing.B) { firstBytes(b, bundled(b, handler).address) })
	}
}

func firstBytes(b *testing.B, address string) {
	b.Helper()
	p := make([]byte, 1)
	for b.Loop() {
		c, err := net.DialTimeout("tcp", address, patience)
		check(b, err)
		check(b, c.SetDeadline(time.Now().Add(patience)))
		p[0] = 'A'
		_, err = c.Write(p)
		check(b, err)
		_, err = io.ReadFull(c, p)
		check(b, err)
		check(b, c.Close())
	}
}

func nativeServer(b *testing.B, what string) (address string) {
	b.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(b, err)
	served := make(chan error, 1)
	go func() { served <- bench.ServeNative(listener, what) }()
	b.Cleanup(func() {
		listener.Close()
		check(b, <-served)
	})
	return listener.Addr().String()
}
