package coretest

import "github.com/sandsock/sandsock/core"

var datagramCases = []testCase{
	{name: "recvfrom gives the sender's name", run: func(w *world) {
		r, s := w.receiver(), w.receiver()
		w.sendTo(s, "hello", r)
		p := make([]byte, 16)
		n, from, err := r.RecvFrom(p, 0)
		w.ok(err)
		equal(w, "what was received", string(p[:n]), "hello")
		equal(w, "the sender", from, w.name(s))
	}},
	{name: "an answer to the sender arrives", run: func(w *world) {
		r, s := w.receiver(), w.udp()
		w.sendTo(s, "ping", r)
		_, from, err := r.RecvFrom(make([]byte, 16), 0)
		w.ok(err)
		_, err = r.SendTo([]byte("pong"), 0, from)
		w.ok(err)
		w.receives(s, "pong")
	}},
	{name: "a sender keeps the wildcard and gets a port", run: func(w *world) {
		r, s := w.receiver(), w.udp()
		w.sendTo(s, "x", r)
		_, from, err := r.RecvFrom(make([]byte, 16), 0)
		w.ok(err)
		equal(w, "the name", w.name(s), w.wildcard(from.Port()))
		equal(w, "the sender's address", from.Addr(), w.loopback(0).Addr())
	}},
	{name: "a datagram longer than the buffer is cut and the rest is lost", run: func(w *world) {
		r, s := w.receiver(), w.udp()
		w.sendTo(s, "hello", r)
		w.sendTo(s, "next", r)
		p := make([]byte, 3)
		n, _, err := r.RecvFrom(p, 0)
		w.ok(err)
		equal(w, "what was received", string(p[:n]), "hel")
		w.receives(r, "next")
	}},
	{name: "an empty datagram is not the end", run: func(w *world) {
		r, s := w.receiver(), w.receiver()
		w.sendTo(s, "", r)
		w.sendTo(s, "more", r)
		n, from, err := r.RecvFrom(make([]byte, 16), 0)
		w.ok(err)
		equal(w, "bytes", n, 0)
		equal(w, "the sender", from, w.name(s))
		w.receives(r, "more")
	}},
	{name: "an empty buffer takes no datagram", run: func(w *world) {
		r := w.receiver()
		w.sendTo(w.udp(), "hello", r)
		n, err := r.Recv(nil, 0)
		w.ok(err)
		equal(w, "bytes", n, 0)
		w.receives(r, "hello")
	}},
	{name: "the largest datagram arrives whole and one byte more is EMSGSIZE", run: func(w *world) {
		r, s := w.receiver(), w.udp()
		most := 65507 // 65,535 less the headers of UDP and IPv4
		if w.family == core.AF_INET6 {
			most = 65527
		}
		n, err := s.SendTo(make([]byte, most), 0, w.name(r))
		w.ok(err)
		equal(w, "bytes sent", n, most)
		n, err = r.Recv(make([]byte, 1<<17), 0)
		w.ok(err)
		equal(w, "bytes received", n, most)
		_, err = s.SendTo(make([]byte, most+1), 0, w.name(r))
		w.fails(err, core.EMSGSIZE)
		_, err = s.SendTo(make([]byte, 70000), 0, w.name(r))
		w.fails(err, core.EMSGSIZE)
	}},
	{name: "send without a peer is EDESTADDRREQ", run: func(w *world) {
		w.fails(sendError(w.udp()), core.EDESTADDRREQ)
		w.fails(w.udp().SendAll([]byte("x"), 0), core.EDESTADDRREQ)
	}},
	{name: "sendto port 0 is EINVAL", family: core.AF_INET, run: func(w *world) {
		_, err := w.udp().SendTo([]byte("x"), 0, w.loopback(0))
		w.fails(err, core.EINVAL)
	}},
	{name: "sendto the other family is EAI_ADDRFAMILY", run: func(w *world) {
		_, err := w.udp().SendTo([]byte("x"), 0, w.otherFamily())
		w.fails(err, core.EAI_ADDRFAMILY)
	}},
	{name: "a connected socket hears its peer alone", run: func(w *world) {
		a, b, stranger := w.receiver(), w.receiver(), w.receiver()
		w.ok(a.Connect(w.name(b)))
		w.sendTo(stranger, "spam", a)
		w.sendTo(b, "mail", a)
		w.receives(a, "mail")
		w.ok(a.SetBlocking(false))
		w.fails(recvError(a), core.EAGAIN)
	}},
	{name: "a connected socket may be connected again", run: func(w *world) {
		a, b, s := w.receiver(), w.receiver(), w.udp()
		w.ok(s.Connect(w.name(a)))
		w.ok(s.Connect(w.name(b)))
		w.ok(sendError(s))
		w.receives(b, "x")
	}},
	{name: "sendto from a connected socket goes to the address", run: func(w *world) {
		a, b, s := w.receiver(), w.receiver(), w.udp()
		w.ok(s.Connect(w.name(a)))
		w.sendTo(s, "hello", b)
		w.receives(b, "hello")
	}},
	{name: "a connected socket learns of a dead port with its second send", run: func(w *world) {
		s := w.receiver() // bound, or it might be given the dead port itself
		w.ok(s.Connect(w.deadAddress(core.SOCK_DGRAM)))
		w.ok(sendError(s))
		w.poll(s, 0) // the ICMP message has come
		w.fails(sendError(s), core.ECONNREFUSED)
		w.ok(sendError(s))
	}},
	{name: "a connected socket learns of a dead port with recv", run: func(w *world) {
		s := w.receiver() // bound, or it might be given the dead port itself
		w.ok(s.Connect(w.deadAddress(core.SOCK_DGRAM)))
		w.ok(sendError(s))
		w.fails(recvError(s), core.ECONNREFUSED)
	}},
	{name: "SO_ERROR tells of a dead port once", run: func(w *world) {
		s := w.receiver() // bound, or it might be given the dead port itself
		w.ok(s.Connect(w.deadAddress(core.SOCK_DGRAM)))
		w.ok(sendError(s))
		w.poll(s, 0)
		equal(w, "SO_ERROR", w.option(s, core.SOL_SOCKET, core.SO_ERROR), int(core.ECONNREFUSED))
		equal(w, "SO_ERROR", w.option(s, core.SOL_SOCKET, core.SO_ERROR), 0)
	}},
	{name: "an unconnected socket never learns of a dead port", run: func(w *world) {
		s, dead := w.receiver(), w.deadAddress(core.SOCK_DGRAM)
		for range 3 {
			_, err := s.SendTo([]byte("x"), 0, dead)
			w.ok(err)
		}
		w.quiet(s, core.POLLIN)
	}},
	{name: "more than the receive buffer holds is dropped", run: func(w *world) {
		r, s := w.receiver(), w.udp()
		for range 1000 {
			_, err := s.SendTo(make([]byte, 8<<10), 0, w.name(r))
			w.ok(err)
		}
		w.ok(r.SetTimeout(short))
		got := 0
		for recvError(r) == nil {
			got++
		}
		if got == 0 || got == 1000 {
			w.Errorf("%d of 1000 datagrams arrived", got)
		}
	}},
	{name: "a receive buffer that was emptied takes more", run: func(w *world) {
		r, s := w.receiver(), w.udp()
		for range 3 {
			for range 100 {
				w.sendTo(s, "x", r)
				w.receives(r, "x")
			}
			_, err := s.SendTo(make([]byte, 50_000), 0, w.name(r))
			w.ok(err)
			w.receives(r, string(make([]byte, 50_000)))
		}
	}},
}
