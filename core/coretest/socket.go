package coretest

import (
	"time"

	"github.com/sandsock/sandsock/core"
)

var socketCases = []testCase{
	{name: "a socket says what it was made with", run: func(w *world) {
		s, err := w.net.Socket(w.family, core.SOCK_DGRAM, core.IPPROTO_UDP)
		w.ok(err)
		w.keep(s)
		equal(w, "the family", s.Family(), w.family)
		equal(w, "the type", s.Type(), core.SOCK_DGRAM)
		equal(w, "the protocol", s.Proto(), core.IPPROTO_UDP)
		equal(w, "the protocol of a socket made with 0", w.tcp().Proto(), 0)
	}},
	{name: "a new socket has the wildcard address and port 0", run: func(w *world) {
		equal(w, "the name", w.name(w.tcp()), w.wildcard(0))
		equal(w, "the name", w.name(w.udp()), w.wildcard(0))
	}},
	{name: "two open sockets have two descriptors", run: func(w *world) {
		a, b := w.tcp(), w.tcp()
		if a.Fileno() < 0 || b.Fileno() < 0 || a.Fileno() == b.Fileno() {
			w.Errorf("descriptors are %d and %d", a.Fileno(), b.Fileno())
		}
	}},
	{name: "an unknown family is EAFNOSUPPORT", run: func(w *world) {
		_, err := w.net.Socket(99, core.SOCK_STREAM, 0)
		w.fails(err, core.EAFNOSUPPORT)
	}},
	{name: "an unknown type is ESOCKTNOSUPPORT", run: func(w *world) {
		_, err := w.net.Socket(w.family, 9, 0)
		w.fails(err, core.ESOCKTNOSUPPORT)
	}},
	{name: "a protocol of another type is EPROTONOSUPPORT", run: func(w *world) {
		_, err := w.net.Socket(w.family, core.SOCK_STREAM, core.IPPROTO_UDP)
		w.fails(err, core.EPROTONOSUPPORT)
		_, err = w.net.Socket(w.family, core.SOCK_DGRAM, core.IPPROTO_TCP)
		w.fails(err, core.EPROTONOSUPPORT)
	}},
}

var modeCases = []testCase{
	{name: "a new socket blocks", run: func(w *world) {
		w.hasTimeout(w.tcp(), core.Blocking)
		w.hasTimeout(w.udp(), core.Blocking)
	}},
	{name: "GetTimeout returns what SetTimeout set", run: func(w *world) {
		s := w.tcp()
		for _, d := range []time.Duration{1500 * time.Millisecond, 0, time.Nanosecond, core.Blocking} {
			w.ok(s.SetTimeout(d))
			w.hasTimeout(s, d)
		}
	}},
	{name: "any negative timeout is Blocking", run: func(w *world) {
		s := w.tcp()
		w.ok(s.SetTimeout(-time.Hour))
		w.hasTimeout(s, core.Blocking)
	}},
	{name: "SetBlocking and SetTimeout share one state", run: func(w *world) {
		s := w.tcp()
		w.ok(s.SetBlocking(false))
		w.hasTimeout(s, core.NonBlocking)
		w.ok(s.SetTimeout(time.Minute))
		w.ok(s.SetBlocking(true))
		w.hasTimeout(s, core.Blocking)
	}},
	{name: "every call has the whole timeout", run: func(w *world) {
		s := w.receiver()
		w.ok(s.SetTimeout(short))
		for range 2 {
			w.timed(short, func() { w.fails(recvError(s), core.ErrTimeout) })
		}
	}},
	{name: "a timeout does not delay what is there", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "hello")
		w.ok(server.SetTimeout(bound))
		w.receives(server, "hello")
	}},
	{name: "a socket that timed out works on", run: func(w *world) {
		client, server := w.pair()
		w.ok(server.SetTimeout(short))
		w.fails(recvError(server), core.ErrTimeout)
		w.ok(server.SetTimeout(core.Blocking))
		w.send(client, "late")
		w.receives(server, "late")
	}},
}

func (w *world) hasTimeout(s core.Socket, want time.Duration) {
	w.Helper()
	got, err := s.GetTimeout()
	w.ok(err)
	equal(w, "the timeout", got, want)
}
