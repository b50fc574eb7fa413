package main

import (
	"bytes"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// BenchmarkStreams reports what a neighbour who sends a few bytes waits for
// them beside 16 connections that stream as fast as they can, in milliseconds,
// at the median and at the 99th percentile, and how much goes through the
// streams: as a ratio to the server in plain Go, whose neighbour is there too.
func BenchmarkStreams(b *testing.B) {
	for _, handler := range []string{"upper", "upper-go"} {
		b.Run(handler, func(b *testing.B) {
			addresses := [2]string{
				serverOf(b, strings.TrimSpace, "bench-native", "bytes"),
				serverOf(b, servedAt, "serve", handler, "--listen", "127.0.0.1:0", "--json", "--no-control"),
			}
			var waits [2][]time.Duration
			var ratios []float64
			for b.Loop() {
				for range 3 {
					var rates [2]float64
					for i, address := range addresses {
						took, rate := besideStreams(b, address)
						waits[i], rates[i] = append(waits[i], took...), rate
					}
					ratios = append(ratios, rates[1]/rates[0])
				}
			}
			slices.Sort(ratios)
			b.ReportMetric(0, "ns/op")
			b.ReportMetric(ratios[len(ratios)/2], "stream-ratio")
			for i, name := range []string{"plain", "neighbour"} {
				slices.Sort(waits[i])
				b.ReportMetric(inMilliseconds(waits[i][len(waits[i])/2]), name+"-p50-ms")
				b.ReportMetric(inMilliseconds(waits[i][len(waits[i])*99/100]), name+"-p99-ms")
			}
		})
	}
}

// besideStreams returns how long 100 exchanges of a neighbour took, one after
// another, and how many pieces of 64 KiB came back to the streams in a second
// meanwhile.
func besideStreams(b *testing.B, address string) (took []time.Duration, rate float64) {
	var all streams
	defer all.close()
	for range 16 {
		all.open(b, address)
	}
	all.flow.Wait()
	conn, err := net.DialTimeout("tcp", address, patience)
	check(b, err)
	defer conn.Close()
	neighbour := asked{Conn: conn, reply: "A"}
	began, before := time.Now(), all.pieces.Load()
	for range 100 {
		check(b, neighbour.ask())
	}
	return neighbour.times, float64(all.pieces.Load()-before) / time.Since(began).Seconds()
}

// streams are connections that send as much as is taken and read what comes
// back.
type streams struct {
	conns  []net.Conn
	pieces atomic.Int64   // that came back
	flow   sync.WaitGroup // until a piece came back to each
	ends   sync.WaitGroup
}

func (s *streams) open(b *testing.B, address string) {
	conn, err := net.DialTimeout("tcp", address, patience)
	check(b, err)
	check(b, conn.SetDeadline(time.Now().Add(patience)))
	s.conns = append(s.conns, conn)
	piece := bytes.Repeat([]byte("stream, "), 8<<10)
	s.ends.Go(func() {
		for err := error(nil); err == nil; {
			_, err = conn.Write(piece)
		}
	})
	s.flow.Add(1)
	s.ends.Go(func() {
		begun := sync.OnceFunc(s.flow.Done)
		defer begun()
		back := make([]byte, len(piece))
		for {
			if _, err := io.ReadFull(conn, back); err != nil {
				return
			}
			s.pieces.Add(1)
			begun()
		}
	})
}

func (s *streams) close() {
	for _, conn := range s.conns {
		_ = conn.Close()
	}
	s.ends.Wait()
}
