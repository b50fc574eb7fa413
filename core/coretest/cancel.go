package coretest

import (
	"context"

	"github.com/sandsock/sandsock/core"
)

var cancelCases = []testCase{
	{name: "a canceled socket does not wait", run: func(w *world) {
		for _, c := range w.waits() {
			c.socket.SetCanceled(true)
			if err := c.call(); err != error(core.ECANCELED) {
				w.Errorf("%s: error %v, want ECANCELED", c.name, err)
			}
		}
	}},
	{name: "a canceled socket does not wait with a timeout either", run: func(w *world) {
		for _, c := range w.waits() {
			w.ok(c.socket.SetTimeout(bound))
			c.socket.SetCanceled(true)
			if err := c.call(); err != error(core.ECANCELED) {
				w.Errorf("%s: error %v, want ECANCELED", c.name, err)
			}
		}
	}},
	{name: "a canceled socket finds nothing in non-blocking mode either", run: func(w *world) {
		for _, c := range w.waits() {
			if c.name == "connect" {
				continue // it begins, and is EINPROGRESS
			}
			w.ok(c.socket.SetTimeout(core.NonBlocking))
			c.socket.SetCanceled(true)
			if err := c.call(); err != error(core.ECANCELED) {
				w.Errorf("%s: error %v, want ECANCELED", c.name, err)
			}
		}
	}},
	{name: "canceling ends a call that waits, and those after", threads: true, run: func(w *world) {
		for _, c := range w.waits() {
			result := background(w, c.call)
			c.socket.SetCanceled(true)
			for _, err := range []error{result(), c.call()} {
				if err != error(core.ECANCELED) {
					w.Errorf("%s: error %v, want ECANCELED", c.name, err)
				}
			}
		}
	}},
	{name: "canceling ends a poll that waits", threads: true, run: func(w *world) {
		a, b := w.receiver(), w.receiver()
		list := []core.PollFd{{Socket: a, Events: core.POLLIN}, {Socket: b, Events: core.POLLIN}}
		call := func() error {
			_, err := w.net.Poll(context.Background(), list, core.Blocking)
			return err
		}
		result := background(w, call)
		b.SetCanceled(true)
		w.fails(result(), core.ECANCELED)
		w.fails(call(), core.ECANCELED)
	}},
	{name: "SetCanceled(false) takes it back", run: func(w *world) {
		client, server := w.pair()
		server.SetCanceled(true)
		w.fails(recvError(server), core.ECANCELED)
		server.SetCanceled(false)
		w.send(client, "hello")
		w.receives(server, "hello")
		w.ok(server.SetTimeout(short))
		w.timed(short, func() { w.fails(recvError(server), core.ErrTimeout) })
	}},
	{name: "a canceled socket still gives what is there", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "hello")
		w.poll(server, core.POLLIN)
		server.SetCanceled(true)
		w.receives(server, "hello")
		w.send(server, "answer")
		server.SetCanceled(false)
		w.receives(client, "answer")
	}},
	{name: "a canceled socket has its mode still", run: func(w *world) {
		s := w.receiver()
		s.SetCanceled(true)
		w.hasTimeout(s, core.Blocking)
		w.ok(s.SetTimeout(bound))
		w.fails(recvError(s), core.ECANCELED)
		s.SetCanceled(false)
		w.hasTimeout(s, bound)
	}},
	{name: "canceling a closed socket does nothing", run: func(w *world) {
		s := w.udp()
		w.ok(s.Close())
		s.SetCanceled(true)
		s.SetCanceled(false)
		w.fails(recvError(s), core.EBADF)
	}},
}

// waiting is a call that would wait for ever.
type waiting struct {
	name   string
	socket core.Socket
	call   func() error
}

// waits is one of every kind.
func (w *world) waits() []waiting {
	w.Helper()
	client, server := w.pair()
	full, _ := w.pair()
	l, datagrams, stuck := w.listener(1), w.receiver(), w.tcp()
	busy := w.listener(0)
	w.connect(busy)
	_ = client
	return []waiting{
		{"recv", server, func() error { return recvError(server) }},
		{"recv of a datagram", datagrams, func() error { return recvError(datagrams) }},
		{"accept", l, func() error { return acceptError(l) }},
		{"send", full, func() error { _, err := stuff(full, 0); return err }},
		{"sendall", full, func() error { return full.SendAll(make([]byte, huge), 0) }},
		{"connect", stuck, w.connectCall(stuck, busy)},
	}
}

// connectCall connects to a full listener. A second attempt would be
// EALREADY, so that only the first is made.
func (w *world) connectCall(c, busy core.Socket) func() error {
	name := w.name(busy)
	var first error
	return func() error {
		if first == nil {
			first = c.Connect(name)
		}
		return first
	}
}
