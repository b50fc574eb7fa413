package coretest

import "github.com/sandsock/sandsock/core"

var listenCases = []testCase{
	{name: "listening unbound takes a free port of the wildcard", run: func(w *world) {
		l := w.tcp()
		w.ok(l.Listen(1))
		name := w.name(l)
		equal(w, "the address", name.Addr(), w.wildcard(0).Addr())
		w.ok(w.tcp().Connect(w.loopback(name.Port())))
		w.accept(l)
	}},
	{name: "listening on a datagram socket is ENOTSUP", run: func(w *world) {
		w.fails(w.receiver().Listen(1), core.ENOTSUP)
	}},
	{name: "listening on a connected socket is EINVAL", run: func(w *world) {
		client, server := w.pair()
		w.fails(client.Listen(1), core.EINVAL)
		w.fails(server.Listen(1), core.EINVAL)
	}},
	{name: "listening again changes the backlog", run: func(w *world) {
		l := w.listener(0)
		w.ok(l.Listen(2))
		w.admits(l, 3)
	}},
	{name: "a backlog of 0 admits one", run: func(w *world) { w.admits(w.listener(0), 1) }},
	{name: "a backlog of 5 admits six", run: func(w *world) { w.admits(w.listener(5), 6) }},
	{name: "a negative backlog is 0", run: func(w *world) { w.admits(w.listener(-5), 1) }},
	{name: "connect_ex to a full backlog is EAGAIN after the timeout", run: func(w *world) {
		l := w.listener(0)
		w.connect(l)
		c := w.tcp()
		w.ok(c.SetTimeout(short))
		w.timed(short, func() { equal(w, "connect_ex", c.ConnectEx(w.name(l)), core.EAGAIN) })
	}},
	{name: "a connect that timed out goes on and is EALREADY", run: func(w *world) {
		l := w.listener(0)
		w.connect(l)
		c := w.tcp()
		w.ok(c.SetTimeout(short))
		w.fails(c.Connect(w.name(l)), core.ErrTimeout)
		equal(w, "connect_ex", c.ConnectEx(w.name(l)), core.EALREADY)
		_, err := c.GetPeerName()
		w.fails(err, core.ENOTCONN)
	}},
	{name: "a connect that waits is served when the backlog has room", run: func(w *world) {
		l := w.listener(0)
		w.connect(l)
		c := w.tcp()
		w.ok(c.SetBlocking(false))
		w.fails(c.Connect(w.name(l)), core.EINPROGRESS)
		w.quiet(c, core.POLLOUT)
		w.accept(l)
		w.poll(c, core.POLLOUT)
		equal(w, "connect_ex", c.ConnectEx(w.name(l)), 0)
		w.accept(l)
	}},
	{name: "closing a listener resets who was not accepted", run: func(w *world) {
		l := w.listener(1)
		c := w.connect(l)
		w.ok(l.Close())
		w.fails(recvError(c), core.ECONNRESET)
	}},
}

// admits wants that n clients connect without an accept and the next one
// hangs.
func (w *world) admits(l core.Socket, n int) {
	w.Helper()
	for range n {
		w.connect(l)
	}
	c := w.tcp()
	w.ok(c.SetTimeout(short))
	w.timed(short, func() { w.fails(c.Connect(w.name(l)), core.ErrTimeout) })
}

var acceptCases = []testCase{
	{name: "accept gives the client's own name", run: func(w *world) {
		l := w.listener(1)
		c := w.connect(l)
		conn, peer, err := l.Accept()
		w.ok(err)
		w.keep(conn)
		equal(w, "the peer", peer, w.name(c))
		equal(w, "the name", w.name(conn), w.name(l))
		equal(w, "the family", conn.Family(), w.family)
		equal(w, "the type", conn.Type(), core.SOCK_STREAM)
	}},
	{name: "connections come in the order of their connects", run: func(w *world) {
		l := w.listener(3)
		clients := []core.Socket{w.connect(l), w.connect(l), w.connect(l)}
		for _, c := range clients {
			_, peer, err := l.Accept()
			w.ok(err)
			equal(w, "the peer", peer, w.name(c))
		}
	}},
	{name: "a socket that does not listen is EINVAL", run: func(w *world) {
		w.fails(acceptError(w.tcp()), core.EINVAL)
		w.fails(acceptError(w.onLoopback(w.tcp())), core.EINVAL)
		client, _ := w.pair()
		w.fails(acceptError(client), core.EINVAL)
	}},
	{name: "a datagram socket is ENOTSUP", run: func(w *world) {
		w.fails(acceptError(w.receiver()), core.ENOTSUP)
	}},
	{name: "nobody there is EAGAIN without blocking", run: func(w *world) {
		l := w.listener(1)
		w.ok(l.SetBlocking(false))
		w.fails(acceptError(l), core.EAGAIN)
	}},
	{name: "nobody there is ErrTimeout with a timeout", run: func(w *world) {
		l := w.listener(1)
		w.ok(l.SetTimeout(short))
		w.timed(short, func() { w.fails(acceptError(l), core.ErrTimeout) })
	}},
	{name: "a connection blocks whatever its listener's mode", run: func(w *world) {
		l := w.listener(2)
		w.connect(l)
		w.connect(l)
		w.ok(l.SetTimeout(bound))
		w.hasTimeout(w.accept(l), core.Blocking)
		w.ok(l.SetBlocking(false))
		w.poll(l, core.POLLIN)
		w.hasTimeout(w.accept(l), core.Blocking)
	}},
	{name: "a client that has sent and gone can still be accepted", run: func(w *world) {
		l := w.listener(1)
		c := w.connect(l)
		w.send(c, "bye")
		w.ok(c.Close())
		conn := w.accept(l)
		w.receives(conn, "bye")
		w.ended(conn)
	}},
	{name: "accept waits for a connection", threads: true, run: func(w *world) {
		l := w.listener(1)
		result := background(w, func() error { return acceptError(l) })
		w.connect(l)
		w.ok(result())
	}},
}
