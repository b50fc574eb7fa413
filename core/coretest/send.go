package coretest

import (
	"context"
	"time"

	"github.com/sandsock/sandsock/core"
)

// huge is more than a connection's buffers hold on any system.
const huge = 32 << 20

var sendCases = []testCase{
	{name: "send returns how much it took", run: func(w *world) {
		client, server := w.pair()
		n, err := client.Send([]byte("hello"), 0)
		w.ok(err)
		equal(w, "bytes sent", n, 5)
		w.receives(server, "hello")
	}},
	{name: "an empty send is 0", run: func(w *world) {
		client, server := w.pair()
		n, err := client.Send(nil, 0)
		w.ok(err)
		equal(w, "bytes sent", n, 0)
		w.ok(server.SetBlocking(false))
		w.fails(recvError(server), core.EAGAIN)
	}},
	{name: "a full pipe takes a part, then EAGAIN without blocking", run: func(w *world) {
		client, _ := w.pair()
		w.ok(client.SetBlocking(false))
		n, err := client.Send(make([]byte, huge), 0)
		w.ok(err)
		if n <= 0 || n >= huge {
			w.Errorf("the first send took %d of %d bytes", n, huge)
		}
		_, err = stuff(client, 0)
		w.fails(err, core.EAGAIN)
	}},
	{name: "a full pipe is EAGAIN with MSG_DONTWAIT", run: func(w *world) {
		client, _ := w.pair()
		_, err := stuff(client, core.MSG_DONTWAIT)
		w.fails(err, core.EAGAIN)
	}},
	{name: "a full pipe is ErrTimeout with a timeout", run: func(w *world) {
		client, _ := w.pair()
		w.ok(client.SetTimeout(short))
		w.timed(short, func() {
			_, err := stuff(client, 0)
			w.fails(err, core.ErrTimeout)
		})
	}},
	{name: "a pipe that is drained takes more", run: func(w *world) {
		client, server := w.pair()
		total := w.fill(client)
		w.drain(server, total)
		w.poll(client, core.POLLOUT)
		w.ok(sendError(client))
	}},
	{name: "a fresh stream is EPIPE", run: func(w *world) {
		w.fails(sendError(w.tcp()), core.EPIPE)
		w.fails(sendError(w.onLoopback(w.tcp())), core.EPIPE)
		w.fails(w.tcp().SendAll(nil, 0), core.EPIPE)
	}},
	{name: "a listening socket is EPIPE", run: func(w *world) {
		w.fails(sendError(w.listener(1)), core.EPIPE)
	}},
	{name: "after the peer has closed one send succeeds and the next is EPIPE", run: func(w *world) {
		client, server := w.pair()
		w.ok(server.Close())
		w.ended(client)
		w.ok(sendError(client))
		w.poll(client, 0) // the reset has come
		w.fails(sendError(client), core.EPIPE)
		w.fails(sendError(client), core.EPIPE)
		w.ended(client)
	}},
	{name: "sendto on a connected stream ignores the address", run: func(w *world) {
		client, server := w.pair()
		n, err := client.SendTo([]byte("abc"), 0, w.loopback(9))
		w.ok(err)
		equal(w, "bytes sent", n, 3)
		w.receives(server, "abc")
	}},
	{name: "sendto on a fresh stream is EPIPE", run: func(w *world) {
		_, err := w.tcp().SendTo([]byte("abc"), 0, w.name(w.listener(1)))
		w.fails(err, core.EPIPE)
	}},
	{name: "send waits for room", threads: true, run: func(w *world) {
		client, server := w.pair()
		total := w.fill(client)
		w.ok(client.SetBlocking(true))
		result := background(w, func() error { return sendError(client) })
		w.drain(server, total)
		w.ok(result())
	}},
}

var sendAllCases = []testCase{
	{name: "sendall sends everything in all three modes", run: func(w *world) {
		client, server := w.pair()
		for i, d := range []time.Duration{core.Blocking, core.NonBlocking, bound} {
			w.ok(client.SetTimeout(d))
			w.send(client, "whole"[:3+i])
			w.receives(server, "whole"[:3+i])
		}
	}},
	{name: "sendall ends with EAGAIN without blocking", run: func(w *world) {
		client, _ := w.pair()
		w.ok(client.SetBlocking(false))
		w.fails(client.SendAll(make([]byte, huge), 0), core.EAGAIN)
	}},
	{name: "sendall ends with ErrTimeout", run: func(w *world) {
		client, _ := w.pair()
		w.ok(client.SetTimeout(short))
		w.timed(short, func() { w.fails(client.SendAll(make([]byte, huge), 0), core.ErrTimeout) })
	}},
	{name: "sendall's timeout counts for the whole", threads: true, run: func(w *world) {
		client, server := w.pair()
		const timeout = 300 * time.Millisecond
		w.ok(client.SetTimeout(timeout))
		w.fill(client)
		w.ok(client.SetTimeout(timeout))
		result := background(w, func() error { return client.SendAll(make([]byte, huge), 0) })
		stop := w.trickle(server)
		w.fails(result(), core.ErrTimeout)
		stop()
	}},
	{name: "sendall waits until everything is taken", threads: true, run: func(w *world) {
		client, server := w.pair()
		result := background(w, func() error { return client.SendAll(make([]byte, huge), 0) })
		w.drain(server, huge)
		w.ok(result())
	}},
	{name: "sendall on a datagram socket sends one datagram", run: func(w *world) {
		r, s := w.receiver(), w.udp()
		w.ok(s.Connect(w.name(r)))
		w.ok(s.SendAll([]byte("whole"), 0))
		w.receives(r, "whole")
	}},
}

// fill sends until the connection takes no more, leaves s non-blocking and
// returns how much it took.
func (w *world) fill(s core.Socket) int {
	w.Helper()
	w.ok(s.SetBlocking(false))
	total := 0
	list := []core.PollFd{{Socket: s, Events: core.POLLOUT}}
	for {
		took, err := stuff(s, 0)
		total += took
		w.fails(err, core.EAGAIN)
		ready, err := w.net.Poll(context.Background(), list, short)
		w.ok(err)
		if ready == 0 {
			return total
		}
	}
}

// stuff sends until an error comes, and returns it with how much was taken. A
// full connection is not full for good: the kernel's probes of a closed
// window move some data on, so that no single send is sure to find no room.
func stuff(s core.Socket, flags int) (int, error) {
	p := make([]byte, 64<<10)
	total := 0
	for total < huge {
		n, err := s.Send(p, flags)
		total += n
		if err != nil {
			return total, err
		}
	}
	return total, nil
}

// drain receives total bytes.
func (w *world) drain(s core.Socket, total int) {
	w.Helper()
	p := make([]byte, 256<<10)
	for total > 0 {
		n, err := s.Recv(p, 0)
		w.ok(err)
		if n == 0 {
			w.Fatalf("the stream ended %d bytes early", total)
		}
		total -= n
	}
}

// trickle receives so slowly, and yet so steadily, that no single send waits
// long but a huge one takes seconds.
func (w *world) trickle(s core.Socket) (stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	result := background(w, func() error {
		p := make([]byte, 32<<10)
		for ctx.Err() == nil {
			if _, err := s.Recv(p, core.MSG_DONTWAIT); err != nil && err != error(core.EAGAIN) {
				return err
			}
			w.net.Poll(ctx, nil, 4*time.Millisecond)
		}
		return nil
	})
	return func() {
		w.Helper()
		cancel()
		w.ok(result())
	}
}
