package coretest

import "github.com/sandsock/sandsock/core"

var recvCases = []testCase{
	{name: "recv returns what is there", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "hello")
		w.receives(server, "hello")
	}},
	{name: "recv takes no more than the buffer and leaves the rest", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "hello")
		p := make([]byte, 2)
		n, err := server.Recv(p, 0)
		w.ok(err)
		equal(w, "the first part", string(p[:n]), "he")
		w.receives(server, "llo")
	}},
	{name: "recv works in all three modes", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "1")
		w.receives(server, "1")
		w.ok(server.SetTimeout(bound))
		w.send(client, "2")
		w.receives(server, "2")
		w.ok(server.SetBlocking(false))
		w.send(client, "3")
		w.poll(server, core.POLLIN)
		w.receives(server, "3")
	}},
	{name: "nothing there is EAGAIN without blocking", run: func(w *world) {
		client, server := w.pair()
		for _, s := range []core.Socket{client, server, w.udp(), w.receiver()} {
			w.ok(s.SetBlocking(false))
			w.fails(recvError(s), core.EAGAIN)
		}
	}},
	{name: "nothing there is ErrTimeout with a timeout", run: func(w *world) {
		client, _ := w.pair()
		for _, s := range []core.Socket{client, w.receiver()} {
			w.ok(s.SetTimeout(short))
			w.timed(short, func() { w.fails(recvError(s), core.ErrTimeout) })
		}
	}},
	{name: "an empty buffer is 0 and not the end", run: func(w *world) {
		client, server := w.pair()
		n, err := server.Recv(nil, 0)
		w.ok(err)
		equal(w, "bytes", n, 0)
		w.send(client, "hello")
		n, err = server.Recv([]byte{}, 0)
		w.ok(err)
		equal(w, "bytes", n, 0)
		w.receives(server, "hello")
	}},
	{name: "the end of the stream is 0 as often as one asks", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "last")
		w.ok(client.Close())
		w.receives(server, "last")
		for range 3 {
			w.ended(server)
		}
		w.ok(server.SetBlocking(false))
		w.ended(server)
	}},
	{name: "an unconnected stream is ENOTCONN", run: func(w *world) {
		w.fails(recvError(w.tcp()), core.ENOTCONN)
		w.fails(recvError(w.onLoopback(w.tcp())), core.ENOTCONN)
	}},
	{name: "a listening socket is ENOTCONN", run: func(w *world) {
		w.fails(recvError(w.listener(1)), core.ENOTCONN)
	}},
	{name: "a refused socket is ENOTCONN", run: func(w *world) {
		c := w.tcp()
		w.fails(c.Connect(w.deadAddress(core.SOCK_STREAM)), core.ECONNREFUSED)
		w.fails(recvError(c), core.ENOTCONN)
	}},
	{name: "recvfrom on a stream gives the zero address", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "q")
		p := make([]byte, 16)
		n, from, err := server.RecvFrom(p, 0)
		w.ok(err)
		equal(w, "what was received", string(p[:n]), "q")
		equal(w, "whether there is an address", from.IsValid(), false)
	}},
	{name: "recv waits for data", threads: true, run: func(w *world) {
		client, server := w.pair()
		result := background(w, func() error { return recvError(server) })
		w.send(client, "x")
		w.ok(result())
	}},
}

var flagCases = []testCase{
	{name: "MSG_PEEK leaves the data", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "hello")
		w.receivesWith(server, 2, core.MSG_PEEK, "he")
		w.receivesWith(server, 16, core.MSG_PEEK, "hello")
		w.receives(server, "hello")
	}},
	{name: "MSG_PEEK leaves a datagram", run: func(w *world) {
		r := w.receiver()
		w.sendTo(w.udp(), "hello", r)
		w.receivesWith(r, 2, core.MSG_PEEK, "he")
		w.receives(r, "hello")
	}},
	{name: "MSG_DONTWAIT is EAGAIN on a socket that blocks", run: func(w *world) {
		client, server := w.pair()
		for _, s := range []core.Socket{server, w.receiver()} {
			_, err := s.Recv(make([]byte, 16), core.MSG_DONTWAIT)
			w.fails(err, core.EAGAIN)
		}
		w.hasTimeout(server, core.Blocking)
		w.send(client, "x")
		w.poll(server, core.POLLIN)
		w.receivesWith(server, 16, core.MSG_DONTWAIT, "x")
	}},
	{name: "MSG_WAITALL takes the whole buffer", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "hel")
		w.send(client, "lo!")
		w.receivesWith(server, 5, core.MSG_WAITALL, "hello")
	}},
	{name: "MSG_WAITALL is short at the end of the stream", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "hel")
		w.ok(client.Shutdown(core.SHUT_WR))
		w.receivesWith(server, 5, core.MSG_WAITALL, "hel")
		w.ended(server)
	}},
	{name: "MSG_WAITALL takes what is there without blocking", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "hel")
		w.poll(server, core.POLLIN)
		w.ok(server.SetBlocking(false))
		w.receivesWith(server, 5, core.MSG_WAITALL, "hel")
	}},
	// CPython's descriptor is non-blocking in timeout mode too.
	{name: "MSG_WAITALL takes what is there with a timeout", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "hel")
		w.ok(server.SetTimeout(bound))
		w.receivesWith(server, 5, core.MSG_WAITALL, "hel")
	}},
	{name: "MSG_WAITALL does not join datagrams", run: func(w *world) {
		r, s := w.receiver(), w.udp()
		w.sendTo(s, "a", r)
		w.sendTo(s, "b", r)
		w.receivesWith(r, 2, core.MSG_WAITALL, "a")
	}},
	{name: "MSG_WAITALL waits for the rest", threads: true, run: func(w *world) {
		client, server := w.pair()
		w.send(client, "hel")
		result := background(w, func() int {
			n, _ := server.Recv(make([]byte, 5), core.MSG_WAITALL)
			return n
		})
		w.send(client, "lo")
		equal(w, "bytes", result(), 5)
	}},
	{name: "MSG_NOSIGNAL is allowed", run: func(w *world) {
		client, server := w.pair()
		_, err := client.Send([]byte("x"), core.MSG_NOSIGNAL)
		w.ok(err)
		w.receivesWith(server, 16, core.MSG_NOSIGNAL, "x")
	}},
	{name: "MSG_OOB is ENOTSUP", run: func(w *world) {
		client, _ := w.pair()
		w.refusesFlags(client, core.MSG_OOB, core.ENOTSUP)
	}},
	{name: "any other flag is EINVAL", run: func(w *world) {
		client, _ := w.pair()
		for _, flags := range []int{0x4, 0x8, 0x20, 0x80, 0x2000, 0x8000, 0x20000000, core.MSG_PEEK | 0x4} {
			w.refusesFlags(client, flags, core.EINVAL)
		}
	}},
}

// receivesWith reads at most size bytes with flags and compares.
func (w *world) receivesWith(s core.Socket, size, flags int, want string) {
	w.Helper()
	p := make([]byte, size)
	n, err := s.Recv(p, flags)
	w.ok(err)
	equal(w, "what was received", string(p[:n]), want)
}

// refusesFlags wants the same error from every call with flags.
func (w *world) refusesFlags(s core.Socket, flags int, want core.Errno) {
	w.Helper()
	p := []byte("x")
	_, err := s.Recv(p, flags)
	w.fails(err, want)
	_, _, err = s.RecvFrom(p, flags)
	w.fails(err, want)
	_, err = s.Send(p, flags)
	w.fails(err, want)
	w.fails(s.SendAll(p, flags), want)
	_, err = s.SendTo(p, flags, w.loopback(9))
	w.fails(err, want)
}

// sendTo sends one datagram.
func (w *world) sendTo(s core.Socket, text string, to core.Socket) {
	w.Helper()
	n, err := s.SendTo([]byte(text), 0, w.name(to))
	w.ok(err)
	equal(w, "bytes sent", n, len(text))
}
