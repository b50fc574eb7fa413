package coretest

import "github.com/sandsock/sandsock/core"

var connectCases = []testCase{
	{name: "connect completes without an accept", run: func(w *world) {
		l := w.listener(1)
		c := w.tcp()
		equal(w, "connect_ex", c.ConnectEx(w.name(l)), 0)
		w.send(c, "early")
		w.receives(w.accept(l), "early")
	}},
	{name: "a dead port is ECONNREFUSED", run: func(w *world) {
		dead := w.deadAddress(core.SOCK_STREAM)
		w.fails(w.tcp().Connect(dead), core.ECONNREFUSED)
		equal(w, "connect_ex", w.tcp().ConnectEx(dead), core.ECONNREFUSED)
	}},
	{name: "a dead port is ECONNREFUSED with a timeout", run: func(w *world) {
		c := w.tcp()
		w.ok(c.SetTimeout(bound))
		w.fails(c.Connect(w.deadAddress(core.SOCK_STREAM)), core.ECONNREFUSED)
	}},
	{name: "a socket that is bound but does not listen is ECONNREFUSED", run: func(w *world) {
		w.fails(w.tcp().Connect(w.name(w.onLoopback(w.tcp()))), core.ECONNREFUSED)
	}},
	{name: "port 0 is ECONNREFUSED", run: func(w *world) {
		w.fails(w.tcp().Connect(w.loopback(0)), core.ECONNREFUSED)
	}},
	{name: "a refused socket may try elsewhere", run: func(w *world) {
		c := w.tcp()
		w.fails(c.Connect(w.deadAddress(core.SOCK_STREAM)), core.ECONNREFUSED)
		w.ok(c.Connect(w.name(w.listener(1))))
	}},
	{name: "a connected socket is EISCONN", run: func(w *world) {
		l := w.listener(2)
		c := w.connect(l)
		w.fails(c.Connect(w.name(l)), core.EISCONN)
		equal(w, "connect_ex", c.ConnectEx(w.name(l)), core.EISCONN)
	}},
	{name: "a listening socket is EISCONN", run: func(w *world) {
		l := w.listener(1)
		w.fails(l.Connect(w.name(w.listener(1))), core.EISCONN)
	}},
	{name: "without blocking it is EINPROGRESS, then 0, then EISCONN", run: func(w *world) {
		l := w.listener(1)
		c := w.tcp()
		w.ok(c.SetBlocking(false))
		equal(w, "connect_ex", c.ConnectEx(w.name(l)), core.EINPROGRESS)
		w.poll(c, core.POLLOUT)
		equal(w, "SO_ERROR", w.option(c, core.SOL_SOCKET, core.SO_ERROR), 0)
		equal(w, "connect_ex", c.ConnectEx(w.name(l)), 0)
		equal(w, "connect_ex", c.ConnectEx(w.name(l)), core.EISCONN)
	}},
	{name: "a refusal without blocking is EINPROGRESS, then ECONNREFUSED", run: func(w *world) {
		dead := w.deadAddress(core.SOCK_STREAM)
		c := w.tcp()
		w.ok(c.SetBlocking(false))
		w.fails(c.Connect(dead), core.EINPROGRESS)
		w.poll(c, core.POLLOUT)
		w.fails(c.Connect(dead), core.ECONNREFUSED)
	}},
	{name: "SO_ERROR tells a refusal once", run: func(w *world) {
		c := w.tcp()
		w.ok(c.SetBlocking(false))
		w.fails(c.Connect(w.deadAddress(core.SOCK_STREAM)), core.EINPROGRESS)
		w.poll(c, core.POLLOUT)
		equal(w, "SO_ERROR", w.option(c, core.SOL_SOCKET, core.SO_ERROR), int(core.ECONNREFUSED))
		equal(w, "SO_ERROR", w.option(c, core.SOL_SOCKET, core.SO_ERROR), 0)
	}},
	{name: "an address of the other family is EAI_ADDRFAMILY", run: func(w *world) {
		w.fails(w.tcp().Connect(w.otherFamily()), core.EAI_ADDRFAMILY)
		equal(w, "connect_ex", w.udp().ConnectEx(w.otherFamily()), core.EAI_ADDRFAMILY)
	}},
	{name: "the wildcard is the loopback", run: func(w *world) {
		l := w.listener(1)
		c := w.tcp()
		w.ok(c.Connect(w.wildcard(w.name(l).Port())))
		peer, err := c.GetPeerName()
		w.ok(err)
		equal(w, "the peer", peer, w.name(l))
	}},
	{name: "a client may bind first", run: func(w *world) {
		l := w.listener(1)
		c := w.onLoopback(w.tcp())
		before := w.name(c)
		w.ok(c.Connect(w.name(l)))
		equal(w, "the name", w.name(c), before)
	}},
	{name: "connect waits for room", threads: true, run: func(w *world) {
		l := w.listener(0)
		w.connect(l)
		c := w.tcp()
		result := background(w, func() error { return c.Connect(w.name(l)) })
		w.accept(l)
		w.ok(result())
	}},
}

var nameCases = []testCase{
	{name: "each end's name is the other's peer", run: func(w *world) {
		client, server := w.pair()
		peer, err := client.GetPeerName()
		w.ok(err)
		equal(w, "the client's peer", peer, w.name(server))
		peer, err = server.GetPeerName()
		w.ok(err)
		equal(w, "the server's peer", peer, w.name(client))
		equal(w, "the client's address", w.name(client).Addr(), w.loopback(0).Addr())
	}},
	{name: "an unconnected socket has no peer", run: func(w *world) {
		for _, s := range []core.Socket{w.tcp(), w.udp(), w.listener(1)} {
			_, err := s.GetPeerName()
			w.fails(err, core.ENOTCONN)
		}
	}},
	{name: "a connected datagram socket has a peer and an address", run: func(w *world) {
		r, s := w.receiver(), w.udp()
		w.ok(s.Connect(w.name(r)))
		peer, err := s.GetPeerName()
		w.ok(err)
		equal(w, "the peer", peer, w.name(r))
		equal(w, "the address", w.name(s).Addr(), w.loopback(0).Addr())
	}},
	{name: "the peer's name stays after it has closed", run: func(w *world) {
		client, server := w.pair()
		want := w.name(server)
		w.ok(server.Close())
		w.ended(client)
		peer, err := client.GetPeerName()
		w.ok(err)
		equal(w, "the peer", peer, want)
	}},
	{name: "the peer's name is gone after a reset", run: func(w *world) {
		client, server := w.pair()
		w.abort(server)
		w.fails(recvError(client), core.ECONNRESET)
		_, err := client.GetPeerName()
		w.fails(err, core.ENOTCONN)
	}},
}
