package coretest

import (
	"net/netip"
	"time"

	"github.com/sandsock/sandsock/core"
)

var closeCases = []testCase{
	{name: "closing twice is allowed", run: func(w *world) {
		for _, s := range []core.Socket{w.tcp(), w.udp(), w.listener(1)} {
			w.ok(s.Close())
			w.ok(s.Close())
		}
	}},
	{name: "a closed socket's descriptor is -1", run: func(w *world) {
		s := w.tcp()
		w.ok(s.Close())
		equal(w, "the descriptor", s.Fileno(), -1)
	}},
	{name: "a closed socket still says what it was made with", run: func(w *world) {
		s := w.udp()
		w.ok(s.Close())
		equal(w, "the family", s.Family(), w.family)
		equal(w, "the type", s.Type(), core.SOCK_DGRAM)
	}},
	{name: "every call on a closed socket is EBADF", run: func(w *world) {
		client, _ := w.pair()
		for _, s := range []core.Socket{w.tcp(), w.udp(), w.listener(1), client} {
			w.ok(s.Close())
			for name, call := range closedCalls(w.loopback(9)) {
				if err := call(s); err != error(core.EBADF) {
					w.Errorf("%s: error %v, want EBADF", name, err)
				}
			}
		}
	}},
	{name: "closing one end is the end of the stream at the other", run: func(w *world) {
		client, server := w.pair()
		w.send(client, "bye")
		w.ok(client.Close())
		w.receives(server, "bye")
		w.ended(server)
	}},
	{name: "closing ends a call that waits with EBADF", threads: true, run: func(w *world) {
		client, _ := w.pair()
		for _, s := range []core.Socket{client, w.receiver()} {
			result := background(w, func() error { return recvError(s) })
			w.ok(s.Close())
			w.fails(result(), core.EBADF)
		}
		l := w.listener(1)
		result := background(w, func() error { return acceptError(l) })
		w.ok(l.Close())
		w.fails(result(), core.EBADF)
	}},
}

// closedCalls is every call that can fail.
func closedCalls(address netip.AddrPort) map[string]func(core.Socket) error {
	p := make([]byte, 16)
	return map[string]func(core.Socket) error{
		"bind":        func(s core.Socket) error { return s.Bind(address) },
		"listen":      func(s core.Socket) error { return s.Listen(1) },
		"accept":      acceptError,
		"connect":     func(s core.Socket) error { return s.Connect(address) },
		"connect_ex":  func(s core.Socket) error { return s.ConnectEx(address) },
		"recv":        recvError,
		"recvfrom":    func(s core.Socket) error { _, _, err := s.RecvFrom(p, 0); return err },
		"send":        sendError,
		"sendall":     func(s core.Socket) error { return s.SendAll(p, 0) },
		"sendto":      func(s core.Socket) error { _, err := s.SendTo(p, 0, address); return err },
		"shutdown":    func(s core.Socket) error { return s.Shutdown(core.SHUT_RDWR) },
		"settimeout":  func(s core.Socket) error { return s.SetTimeout(time.Second) },
		"gettimeout":  func(s core.Socket) error { _, err := s.GetTimeout(); return err },
		"setblocking": func(s core.Socket) error { return s.SetBlocking(false) },
		"getpeername": func(s core.Socket) error { _, err := s.GetPeerName(); return err },
		"getsockname": func(s core.Socket) error { _, err := s.GetSockName(); return err },
		"setsockopt":  func(s core.Socket) error { return core.SetInt(s, core.SOL_SOCKET, core.SO_KEEPALIVE, 1) },
		"getsockopt":  func(s core.Socket) error { _, err := core.GetInt(s, core.SOL_SOCKET, core.SO_TYPE); return err },
	}
}
