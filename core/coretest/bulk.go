package coretest

import (
	"bytes"

	"github.com/sandsock/sandsock/core"
)

// sample is 300,000 bytes in which every value occurs and no short period
// does.
func sample() []byte {
	p := make([]byte, 300_000)
	x := uint32(1)
	for i := range p {
		x = x*1664525 + 1013904223
		p[i] = byte(x >> 24)
	}
	for i := range 256 {
		p[i] = byte(i)
	}
	return p
}

var bulkCases = []testCase{
	{name: "much data arrives unchanged", run: func(w *world) {
		client, server := w.pair()
		w.carries(client, server, sample(), 1<<16)
	}},
	{name: "much data arrives unchanged the other way", run: func(w *world) {
		client, server := w.pair()
		w.carries(server, client, sample(), 1000)
	}},
	{name: "every byte value arrives one at a time", run: func(w *world) {
		client, server := w.pair()
		for i, b := range sample()[:256] {
			_, err := client.Send([]byte{b}, 0)
			w.ok(err)
			var p [1]byte
			n, err := server.Recv(p[:], 0)
			w.ok(err)
			equal(w, "bytes", n, 1)
			equal(w, "the byte", p[0], byte(i))
		}
	}},
	{name: "data sent one byte at a time is one stream", run: func(w *world) {
		client, server := w.pair()
		data := sample()[:2000]
		for _, b := range data {
			_, err := client.Send([]byte{b}, 0)
			w.ok(err)
		}
		p := make([]byte, len(data))
		n, err := server.Recv(p, core.MSG_WAITALL)
		w.ok(err)
		equal(w, "bytes", n, len(data))
		equal(w, "whether they are the same", bytes.Equal(p, data), true)
	}},
	{name: "both directions at once do not disturb each other", run: func(w *world) {
		client, server := w.pair()
		data := sample()[:30_000]
		w.ok(client.SendAll(data, 0))
		w.ok(server.SendAll(data[:10_000], 0))
		w.equalBytes(w.take(server, len(data)), data)
		w.equalBytes(w.take(client, 10_000), data[:10_000])
	}},
	{name: "sending and receiving may run in two goroutines", threads: true, run: func(w *world) {
		client, server := w.pair()
		data := bytes.Repeat(sample(), 10)
		result := background(w, func() error { return client.SendAll(data, 0) })
		w.equalBytes(w.take(server, len(data)), data)
		w.ok(result())
	}},
	{name: "an answer in pieces comes back whole through an echo", threads: true, run: func(w *world) {
		client, server := w.pair()
		result := background(w, func() error { return echo(server) })
		sent := background(w, func() error { return client.SendAll(sample(), 0) })
		w.equalBytes(w.take(client, 300_000), sample())
		w.ok(sent())
		w.ok(client.Shutdown(core.SHUT_WR))
		w.ok(result())
	}},
}

// carries sends data in turns with receiving it, so that one goroutine is
// enough, and receives at most size bytes at once.
func (w *world) carries(from, to core.Socket, data []byte, size int) {
	w.Helper()
	w.ok(from.SetBlocking(false))
	p := make([]byte, size)
	var got []byte
	for rest := data; len(got) < len(data); {
		n, err := from.Send(rest, 0)
		if err != nil {
			w.fails(err, core.EAGAIN)
		}
		rest = rest[n:]
		n, err = to.Recv(p, 0)
		w.ok(err)
		got = append(got, p[:n]...)
	}
	w.equalBytes(got, data)
}

// take receives exactly n bytes.
func (w *world) take(s core.Socket, n int) []byte {
	w.Helper()
	p := make([]byte, n)
	for got := 0; got < n; {
		k, err := s.Recv(p[got:], 0)
		w.ok(err)
		if k == 0 {
			w.Fatalf("the stream ended after %d of %d bytes", got, n)
		}
		got += k
	}
	return p
}

func (w *world) equalBytes(got, want []byte) {
	w.Helper()
	if !bytes.Equal(got, want) {
		w.Errorf("%d bytes arrived that are not the %d sent", len(got), len(want))
	}
}

// echo sends back what it receives until the end of the stream.
func echo(s core.Socket) error {
	p := make([]byte, 1000)
	for {
		n, err := s.Recv(p, 0)
		if n == 0 || err != nil {
			return err
		}
		if err := s.SendAll(p[:n], 0); err != nil {
			return err
		}
	}
}
