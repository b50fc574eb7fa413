package main

import (
	"slices"
	"testing"
	"time"

	"github.com/sandsock/sandsock/wasmhost"
)

// BenchmarkEndlessLoop reports what endless loops cost a host and a neighbour,
// in milliseconds: how late after an order to stop the last of them has ended,
// a collection of garbage meanwhile, at the median and at worst, and the
// neighbour's 99th percentile of round trips. Without loops and without turns
// stand beside it.
func BenchmarkEndlessLoop(b *testing.B) {
	for _, bm := range []struct {
		name    string
		loops   int
		without wasmhost.Defences
	}{
		{"0 loops", 0, 0},
		{"1 loop", 1, 0},
		{"8 loops", 8, 0},
		{"8 loops without turns", 8, wasmhost.DefenceTurns},
	} {
		b.Run(bm.name, func(b *testing.B) {
			var late, collection, p99 []time.Duration
			for range b.N {
				spec := attackedBy(loops())
				spec.Without, spec.Limits.FuelBetween = bm.without, -1
				h := started(b, spec)
				for range bm.loops {
					h.dial(0)
				}
				if n := len(h.seen(bm.loops, silence, event(wasmhost.EventConnected, "attacker"))); n < bm.loops {
					b.Fatalf("%d loops have begun", n)
				}
				neighbour, _ := h.latency(300)
				p99 = append(p99, neighbour)
				for range 20 {
					answer, ok := h.order(order{Collect: true}, patience)
					if !ok {
						b.Fatal("a collection does not end")
					}
					collection = append(collection, answer.Took)
				}
				answer, ok := h.order(order{Cut: true}, patience)
				if !ok {
					b.Fatal("the loops do not end")
				}
				late = append(late, answer.Took)
				h.kill()
			}
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(inMilliseconds(slices.Max(late)), "stop-ms")
			slices.Sort(collection)
			b.ReportMetric(inMilliseconds(collection[len(collection)/2]), "collection-ms")
			b.ReportMetric(inMilliseconds(collection[len(collection)-1]), "worst-collection-ms")
			b.ReportMetric(inMilliseconds(slices.Max(p99)), "neighbour-p99-ms")
		})
	}
}

func inMilliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// BenchmarkBudget reports how late after its time on the wall an endless loop
// has ended, in milliseconds.
func BenchmarkBudget(b *testing.B) {
	const budget = 50 * time.Millisecond
	spec := attackedBy(loops())
	spec.Limits = wasmhost.Limits{FuelBetween: -1, Total: budget}
	h := started(b, spec)
	defer h.kill()
	var late []time.Duration
	for range b.N {
		h.dial(0)
		ends := h.seen(len(late)+1, silence, ended("attacker"))
		if len(ends) <= len(late) {
			b.Fatal("the loop does not end")
		}
		late = append(late, ends[len(late)].Took-budget)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(inMilliseconds(slices.Max(late)), "late-ms")
}
