package coretest

import "github.com/sandsock/sandsock/core"

var shutdownCases = []testCase{
	{name: "after SHUT_WR the peer reads the rest, then the end", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "rest")
		w.ok(client.Shutdown(core.SHUT_WR))
		w.receives(server, "rest")
		w.ended(server)
		w.ended(server)
	}},
	{name: "after SHUT_WR a send is EPIPE", run: func(w *world) {
		client, _ := w.pair()
		w.ok(client.Shutdown(core.SHUT_WR))
		w.fails(sendError(client), core.EPIPE)
		_, err := client.Send(nil, 0)
		w.fails(err, core.EPIPE)
	}},
	{name: "a half-closed connection still delivers the other way", run: func(w *world) {
		client, server := w.pair()
		w.ok(client.Shutdown(core.SHUT_WR))
		w.ended(server)
		w.send(server, "answer")
		w.receives(client, "answer")
		w.ok(server.Close())
		w.ended(client)
	}},
	{name: "SHUT_WR twice is allowed", run: func(w *world) {
		client, _ := w.pair()
		w.ok(client.Shutdown(core.SHUT_WR))
		w.ok(client.Shutdown(core.SHUT_WR))
	}},
	{name: "after SHUT_RD recv is the end and send works", run: func(w *world) {
		client, server := w.pair()
		w.ok(server.Shutdown(core.SHUT_RD))
		w.ended(server)
		w.send(server, "still")
		w.receives(client, "still")
	}},
	{name: "after SHUT_RD what was there can be read", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "before")
		w.poll(server, core.POLLIN)
		w.ok(server.Shutdown(core.SHUT_RD))
		w.receives(server, "before")
		w.ended(server)
	}},
	{name: "SHUT_RDWR ends both directions", run: func(w *world) {
		client, server := w.pair()
		w.ok(client.Shutdown(core.SHUT_RDWR))
		w.ended(client)
		w.fails(sendError(client), core.EPIPE)
		w.ended(server)
	}},
	{name: "when both ends have said so neither has a peer", run: func(w *world) {
		client, server := w.pair()
		w.ok(client.Shutdown(core.SHUT_WR))
		w.ended(server)
		w.ok(server.Shutdown(core.SHUT_WR))
		w.ended(client)
		_, err := client.GetPeerName()
		w.fails(err, core.ENOTCONN)
		w.fails(client.Shutdown(core.SHUT_WR), core.ENOTCONN)
	}},
	{name: "an unconnected socket is ENOTCONN", run: func(w *world) {
		for _, s := range []core.Socket{w.tcp(), w.udp(), w.receiver()} {
			w.fails(s.Shutdown(core.SHUT_WR), core.ENOTCONN)
		}
	}},
	{name: "an unknown direction is EINVAL", run: func(w *world) {
		client, _ := w.pair()
		w.fails(client.Shutdown(3), core.EINVAL)
		w.fails(client.Shutdown(-1), core.EINVAL)
		w.send(client, "unharmed")
	}},
	{name: "a connected datagram socket that is shut is EPIPE", run: func(w *world) {
		s := w.udp()
		w.ok(s.Connect(w.name(w.receiver())))
		w.ok(s.Shutdown(core.SHUT_WR))
		w.fails(sendError(s), core.EPIPE)
	}},
	{name: "a listener that is shut accepts no more", run: func(w *world) {
		l := w.listener(1)
		name := w.name(l)
		w.ok(l.Shutdown(core.SHUT_RD))
		w.fails(acceptError(l), core.EINVAL)
		w.fails(w.tcp().Connect(name), core.ECONNREFUSED)
	}},
	{name: "shutting ends a recv that waits", threads: true, run: func(w *world) {
		client, _ := w.pair()
		result := background(w, func() error { return recvError(client) })
		w.ok(client.Shutdown(core.SHUT_RD))
		w.ok(result())
	}},
}

var resetCases = []testCase{
	{name: "lingering for 0 seconds resets: ECONNRESET once, then the end", run: func(w *world) {
		client, server := w.pair()
		w.abort(server)
		w.fails(recvError(client), core.ECONNRESET)
		w.ended(client)
		w.ended(client)
		w.fails(sendError(client), core.EPIPE)
	}},
	{name: "closing with data unread resets", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "unread")
		w.poll(server, core.POLLIN)
		w.ok(server.Close())
		w.fails(recvError(client), core.ECONNRESET)
		w.ended(client)
	}},
	{name: "what came before the reset can be read", run: func(w *world) {
		client, server := w.pair()
		w.send(server, "data")
		w.poll(client, core.POLLIN)
		w.abort(server)
		w.poll(client, 0)
		w.receives(client, "data")
		w.fails(recvError(client), core.ECONNRESET)
		w.ended(client)
	}},
	{name: "a send learns of the reset once, then is EPIPE", run: func(w *world) {
		client, server := w.pair()
		w.abort(server)
		w.poll(client, 0)
		w.fails(sendError(client), core.ECONNRESET)
		w.fails(sendError(client), core.EPIPE)
		w.ended(client)
	}},
	{name: "SO_ERROR takes the reset", run: func(w *world) {
		client, server := w.pair()
		w.abort(server)
		w.poll(client, 0)
		equal(w, "SO_ERROR", w.option(client, core.SOL_SOCKET, core.SO_ERROR), int(core.ECONNRESET))
		w.ended(client)
	}},
	{name: "a reset socket still knows its own name", run: func(w *world) {
		client, server := w.pair()
		before := w.name(client)
		w.abort(server)
		w.fails(recvError(client), core.ECONNRESET)
		equal(w, "the name", w.name(client), before)
		w.fails(client.Shutdown(core.SHUT_WR), core.ENOTCONN)
	}},
	{name: "a reset ends a recv that waits", threads: true, run: func(w *world) {
		client, server := w.pair()
		result := background(w, func() error { return recvError(client) })
		w.abort(server)
		w.fails(result(), core.ECONNRESET)
	}},
}

// abort closes s with a reset.
func (w *world) abort(s core.Socket) {
	w.Helper()
	w.ok(s.SetSockOpt(core.SOL_SOCKET, core.SO_LINGER, []byte{1, 0, 0, 0, 0, 0, 0, 0}))
	w.ok(s.Close())
}
