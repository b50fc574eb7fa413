package main_test

import (
	"net"
	"testing"

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
