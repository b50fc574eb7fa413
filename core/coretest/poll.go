package coretest

import (
	"context"
	"time"

	"github.com/sandsock/sandsock/core"
)

// every is all the events one may ask for.
const every = core.POLLIN | core.POLLOUT | core.POLLRDHUP

var pollCases = []testCase{
	{name: "an empty list waits for its timeout", run: func(w *world) {
		w.timed(short, func() {
			n, err := w.net.Poll(context.Background(), nil, short)
			w.ok(err)
			equal(w, "the number of ready sockets", n, 0)
		})
	}},
	{name: "timeout 0 only looks", run: func(w *world) {
		list := []core.PollFd{{Socket: w.receiver(), Events: core.POLLIN}}
		n, err := w.net.Poll(context.Background(), list, 0)
		w.ok(err)
		equal(w, "the number of ready sockets", n, 0)
	}},
	{name: "a timeout expires", run: func(w *world) {
		client, _ := w.pair()
		w.timed(short, func() { w.quiet(client, core.POLLIN) })
	}},
	{name: "what is ready is there at once", run: func(w *world) {
		client, _ := w.pair()
		list := []core.PollFd{{Socket: client, Events: core.POLLIN | core.POLLOUT}}
		n, err := w.net.Poll(context.Background(), list, core.Blocking)
		w.ok(err)
		equal(w, "the number of ready sockets", n, 1)
		equal(w, "events", list[0].Revents, core.POLLOUT)
	}},
	{name: "only what was asked for counts", run: func(w *world) {
		client, _ := w.pair()
		w.quiet(client, core.POLLIN)
		w.quiet(client, 0)
	}},
	{name: "several sockets are told apart", run: func(w *world) {
		client, server := w.pair()
		idle, busy := w.receiver(), w.receiver()
		w.sendTo(w.udp(), "x", busy)
		w.send(client, "x")
		w.poll(busy, core.POLLIN)
		w.poll(server, core.POLLIN)
		list := []core.PollFd{
			{Socket: idle, Events: core.POLLIN},
			{Socket: busy, Events: core.POLLIN},
			{Socket: client, Events: core.POLLIN},
			{Socket: server, Events: core.POLLIN},
		}
		n, err := w.net.Poll(context.Background(), list, bound)
		w.ok(err)
		equal(w, "the number of ready sockets", n, 2)
		for i, want := range []int16{0, core.POLLIN, 0, core.POLLIN} {
			equal(w, "events", list[i].Revents, want)
		}
	}},
	{name: "one socket may be there twice", run: func(w *world) {
		client, _ := w.pair()
		list := []core.PollFd{{Socket: client, Events: core.POLLIN}, {Socket: client, Events: core.POLLOUT}}
		n, err := w.net.Poll(context.Background(), list, bound)
		w.ok(err)
		equal(w, "the number of ready sockets", n, 1)
		equal(w, "events", list[1].Revents, core.POLLOUT)
	}},
	{name: "an entry without a socket is passed over", run: func(w *world) {
		client, _ := w.pair()
		list := []core.PollFd{{Events: core.POLLIN, Revents: 7}, {Socket: client, Events: core.POLLOUT}}
		n, err := w.net.Poll(context.Background(), list, bound)
		w.ok(err)
		equal(w, "the number of ready sockets", n, 1)
		equal(w, "events of the empty entry", list[0].Revents, 0)
	}},
	{name: "a closed socket is POLLNVAL at once", run: func(w *world) {
		s := w.udp()
		w.ok(s.Close())
		equal(w, "events", w.poll(s, core.POLLIN), core.POLLNVAL)
	}},
	{name: "a socket's own mode does not matter", run: func(w *world) {
		client, server := w.pair()
		w.ok(server.SetTimeout(time.Nanosecond))
		w.send(client, "x")
		equal(w, "events", w.poll(server, core.POLLIN), core.POLLIN)
	}},
	{name: "a context that has ended is ECANCELED", run: func(w *world) {
		ctx, cancel := context.WithCancel(context.Background())
		cancel()
		_, err := w.net.Poll(ctx, []core.PollFd{{Socket: w.receiver(), Events: core.POLLIN}}, bound)
		w.fails(err, core.ECANCELED)
	}},
	{name: "a context that ends ends the wait", threads: true, run: func(w *world) {
		ctx, cancel := context.WithCancel(context.Background())
		defer cancel()
		r := w.receiver()
		result := background(w, func() error {
			_, err := w.net.Poll(ctx, []core.PollFd{{Socket: r, Events: core.POLLIN}}, core.Blocking)
			return err
		})
		cancel()
		w.fails(result(), core.ECANCELED)
	}},
	{name: "poll waits for what comes", threads: true, run: func(w *world) {
		a, b := w.receiver(), w.receiver()
		list := []core.PollFd{{Socket: a, Events: core.POLLIN}, {Socket: b, Events: core.POLLIN}}
		result := background(w, func() error {
			_, err := w.net.Poll(context.Background(), list, core.Blocking)
			return err
		})
		w.sendTo(w.udp(), "x", b)
		w.ok(result())
		equal(w, "events", list[0].Revents, 0)
		equal(w, "events", list[1].Revents, core.POLLIN)
	}},
}

var pollEventCases = []testCase{
	{name: "a listener is readable when somebody waits", run: func(w *world) {
		l := w.listener(1)
		w.quiet(l, every)
		w.connect(l)
		equal(w, "events", w.poll(l, every), core.POLLIN)
	}},
	{name: "a fresh stream is writable and hung up", run: func(w *world) {
		equal(w, "events", w.poll(w.tcp(), every), core.POLLOUT|core.POLLHUP)
	}},
	{name: "a fresh datagram socket is writable", run: func(w *world) {
		equal(w, "events", w.poll(w.udp(), every), core.POLLOUT)
	}},
	{name: "data makes a stream readable", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "x")
		equal(w, "events", w.poll(server, core.POLLIN), core.POLLIN)
		equal(w, "events", w.poll(server, every), core.POLLIN|core.POLLOUT)
	}},
	{name: "an empty datagram makes a socket readable", run: func(w *world) {
		r := w.receiver()
		w.sendTo(w.udp(), "", r)
		equal(w, "events", w.poll(r, core.POLLIN), core.POLLIN)
	}},
	{name: "a full pipe is not writable", run: func(w *world) {
		client, _ := w.pair()
		w.fill(client)
		w.quiet(client, every)
	}},
	{name: "the peer's end is POLLRDHUP with POLLIN, and no POLLHUP", run: func(w *world) {
		client, server := w.pair()
		w.ok(client.Shutdown(core.SHUT_WR))
		w.poll(server, core.POLLRDHUP)
		equal(w, "events", w.poll(server, every), every)
		equal(w, "events unasked", w.now(server, 0), 0)
		equal(w, "events of the end that ended", w.now(client, every), core.POLLOUT)
	}},
	{name: "the end of both directions is POLLHUP", run: func(w *world) {
		client, server := w.pair()
		w.ok(client.Shutdown(core.SHUT_WR))
		w.ended(server)
		w.ok(server.Shutdown(core.SHUT_WR))
		equal(w, "events", w.poll(client, 0), core.POLLHUP)
		equal(w, "events", w.poll(server, every), every|core.POLLHUP)
	}},
	{name: "a reset is everything with POLLERR", run: func(w *world) {
		client, server := w.pair()
		w.abort(server)
		equal(w, "events unasked", w.poll(client, 0), core.POLLERR|core.POLLHUP)
		equal(w, "events", w.poll(client, every), every|core.POLLERR|core.POLLHUP)
	}},
	{name: "a refused connect is everything with POLLERR", run: func(w *world) {
		c := w.tcp()
		w.ok(c.SetBlocking(false))
		w.fails(c.Connect(w.deadAddress(core.SOCK_STREAM)), core.EINPROGRESS)
		equal(w, "events", w.poll(c, 0), core.POLLERR|core.POLLHUP)
		equal(w, "events", w.poll(c, every), every|core.POLLERR|core.POLLHUP)
	}},
	{name: "a dead port is POLLERR on a connected datagram socket", run: func(w *world) {
		s := w.receiver() // bound, or it might be given the dead port itself
		w.ok(s.Connect(w.deadAddress(core.SOCK_DGRAM)))
		w.ok(sendError(s))
		equal(w, "events", w.poll(s, 0), core.POLLERR)
	}},
}

// now is the events of s at this moment.
func (w *world) now(s core.Socket, events int16) int16 {
	w.Helper()
	list := []core.PollFd{{Socket: s, Events: events}}
	_, err := w.net.Poll(context.Background(), list, 0)
	w.ok(err)
	return list[0].Revents
}
