package wasmhost

import (
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// BenchmarkReset has a vessel serve one connection after another. The price of
// a reset is its own time, reset-ns, and the page faults that it leaves to the
// next connection: faults/op are all of a connection and a reset together.
// Beside it is what a connection takes, without a network. Times are medians.
func BenchmarkReset(b *testing.B) {
	for _, name := range bundledGuests {
		b.Run(name, func(b *testing.B) {
			route, _ := benchRoute(b, name, benchFile(b, name))
			s := route.current.snapshot
			g := route.benchInstance(b)
			defer g.close()
			ping := &onePing{}
			fd := uint64(g.table.add(descriptor{socket: ping}))
			connection := func() {
				ping.left = 64
				if _, err := g.call("handle", fd); err != nil {
					b.Fatal(ending(err))
				}
			}
			reset := func() {
				if !s.restore(&g.vessel) {
					b.Fatal("it cannot be put back")
				}
			}
			connection()
			reset()
			faults := pageFaults(b)
			var connections, resets []time.Duration
			for b.Loop() {
				began := time.Now()
				connection()
				between := time.Now()
				reset()
				resets = append(resets, time.Since(between))
				connections = append(connections, between.Sub(began))
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(median(resets), "reset-ns")
			b.ReportMetric(median(connections), "connection-ns")
			b.ReportMetric(float64(pageFaults(b)-faults)/float64(b.N), "faults/op")
		})
	}
}

func median(times []time.Duration) float64 {
	slices.Sort(times)
	return float64(times[len(times)/2])
}

// pageFaults are all of the process (getrusage(2), ru_minflt).
func pageFaults(b *testing.B) int64 {
	b.Helper()
	var usage unix.Rusage
	must(b, unix.Getrusage(unix.RUSAGE_SELF, &usage))
	return int64(usage.Minflt)
}
