package coretest

import (
	"bytes"
	"strconv"

	"github.com/sandsock/sandsock/core"
)

var optionCases = []testCase{
	{name: "a socket's kind can be asked for", run: func(w *world) {
		for _, s := range []core.Socket{w.tcp(), w.udp()} {
			equal(w, "SO_TYPE", w.option(s, core.SOL_SOCKET, core.SO_TYPE), int(s.Type()))
			equal(w, "SO_DOMAIN", w.option(s, core.SOL_SOCKET, core.SO_DOMAIN), int(w.family))
		}
		equal(w, "SO_PROTOCOL", w.option(w.tcp(), core.SOL_SOCKET, core.SO_PROTOCOL), core.IPPROTO_TCP)
		equal(w, "SO_PROTOCOL", w.option(w.udp(), core.SOL_SOCKET, core.SO_PROTOCOL), core.IPPROTO_UDP)
	}},
	{name: "SO_ACCEPTCONN is 1 on a listener alone", run: func(w *world) {
		equal(w, "SO_ACCEPTCONN", w.option(w.tcp(), core.SOL_SOCKET, core.SO_ACCEPTCONN), 0)
		equal(w, "SO_ACCEPTCONN", w.option(w.listener(1), core.SOL_SOCKET, core.SO_ACCEPTCONN), 1)
	}},
	{name: "SO_ERROR is 0 where nothing happened", run: func(w *world) {
		equal(w, "SO_ERROR", w.option(w.tcp(), core.SOL_SOCKET, core.SO_ERROR), 0)
	}},
	{name: "no option is set unless asked for", run: func(w *world) {
		s := w.tcp()
		for _, o := range switches {
			equal(w, o.Name, w.option(s, o.Level, o.Option), 0)
		}
	}},
	{name: "a switch is set by any number but 0 and read as 1", run: func(w *world) {
		s := w.tcp()
		for _, o := range switches {
			for _, value := range []int{1, 0, 300, 0} {
				w.ok(core.SetInt(s, o.Level, o.Option, value))
				equal(w, o.Name, w.option(s, o.Level, o.Option), min(value, 1))
			}
		}
	}},
	{name: "SO_LINGER keeps both numbers", run: func(w *world) {
		s := w.tcp()
		w.lingers(s, 0, 0)
		w.ok(s.SetSockOpt(core.SOL_SOCKET, core.SO_LINGER, []byte{1, 0, 0, 0, 7, 0, 0, 0}))
		w.lingers(s, 1, 7)
	}},
	{name: "keep-alive times are kept and bounded", run: func(w *world) {
		s := w.tcp()
		for _, option := range []int{core.TCP_KEEPIDLE, core.TCP_KEEPINTVL, core.TCP_KEEPCNT} {
			w.ok(core.SetInt(s, core.SOL_TCP, option, 5))
			equal(w, "option "+strconv.Itoa(option), w.option(s, core.SOL_TCP, option), 5)
			w.fails(core.SetInt(s, core.SOL_TCP, option, 0), core.EINVAL)
			w.fails(core.SetInt(s, core.SOL_TCP, option, 32768), core.EINVAL)
		}
	}},
	{name: "IP_TTL is kept and bounded", family: core.AF_INET, run: func(w *world) {
		s := w.udp()
		w.ok(core.SetInt(s, core.SOL_IP, core.IP_TTL, 7))
		equal(w, "IP_TTL", w.option(s, core.SOL_IP, core.IP_TTL), 7)
		w.fails(core.SetInt(s, core.SOL_IP, core.IP_TTL, 0), core.EINVAL)
		w.fails(core.SetInt(s, core.SOL_IP, core.IP_TTL, 256), core.EINVAL)
	}},
	{name: "IPV6_UNICAST_HOPS is kept", family: core.AF_INET6, run: func(w *world) {
		s := w.udp()
		w.ok(core.SetInt(s, core.SOL_IPV6, core.IPV6_UNICAST_HOPS, 7))
		equal(w, "IPV6_UNICAST_HOPS", w.option(s, core.SOL_IPV6, core.IPV6_UNICAST_HOPS), 7)
		w.fails(core.SetInt(s, core.SOL_IPV6, core.IPV6_UNICAST_HOPS, 256), core.EINVAL)
	}},
	{name: "IPV6_V6ONLY can be set until the socket has an address", family: core.AF_INET6, run: func(w *world) {
		s := w.tcp()
		w.ok(core.SetInt(s, core.SOL_IPV6, core.IPV6_V6ONLY, 1))
		equal(w, "IPV6_V6ONLY", w.option(s, core.SOL_IPV6, core.IPV6_V6ONLY), 1)
		w.onLoopback(s)
		w.fails(core.SetInt(s, core.SOL_IPV6, core.IPV6_V6ONLY, 0), core.EINVAL)
	}},
	{name: "an accepted connection has its listener's options", run: func(w *world) {
		l := w.listener(1)
		w.ok(core.SetInt(l, core.SOL_SOCKET, core.SO_KEEPALIVE, 1))
		w.ok(core.SetInt(l, core.SOL_TCP, core.TCP_NODELAY, 1))
		w.connect(l)
		conn := w.accept(l)
		equal(w, "SO_KEEPALIVE", w.option(conn, core.SOL_SOCKET, core.SO_KEEPALIVE), 1)
		equal(w, "TCP_NODELAY", w.option(conn, core.SOL_TCP, core.TCP_NODELAY), 1)
	}},
	{name: "what is not in the table is ENOPROTOOPT", run: func(w *world) {
		s := w.tcp()
		const soMark, soRcvTimeo = 36, 20
		for _, option := range []int{soMark, soRcvTimeo, 9999, -1} {
			w.fails(core.SetInt(s, core.SOL_SOCKET, option, 1), core.ENOPROTOOPT)
			_, err := core.GetInt(s, core.SOL_SOCKET, option)
			w.fails(err, core.ENOPROTOOPT)
		}
		w.fails(core.SetInt(s, 9999, 1, 1), core.ENOPROTOOPT)
	}},
	{name: "an option that is only read cannot be set", run: func(w *world) {
		for _, option := range []int{core.SO_TYPE, core.SO_ERROR, core.SO_ACCEPTCONN, core.SO_DOMAIN, core.SO_PROTOCOL} {
			w.fails(core.SetInt(w.tcp(), core.SOL_SOCKET, option, 1), core.ENOPROTOOPT)
		}
	}},
	{name: "a value that is too short is EINVAL", run: func(w *world) {
		s := w.tcp()
		w.fails(s.SetSockOpt(core.SOL_SOCKET, core.SO_KEEPALIVE, []byte{1}), core.EINVAL)
		w.fails(s.SetSockOpt(core.SOL_SOCKET, core.SO_LINGER, []byte{1, 0, 0, 0}), core.EINVAL)
	}},
	{name: "a buffer that is too short gets a part and the full length", run: func(w *world) {
		var part [2]byte
		n, err := w.udp().GetSockOpt(core.SOL_SOCKET, core.SO_TYPE, part[:])
		w.ok(err)
		equal(w, "the full length", n, 4)
		equal(w, "the part", part, [2]byte{byte(core.SOCK_DGRAM), 0})
	}},
}

// switches are the options that are on or off, and off at first.
var switches = []core.Option{
	{Level: core.SOL_SOCKET, Option: core.SO_REUSEADDR, Name: "SO_REUSEADDR"},
	{Level: core.SOL_SOCKET, Option: core.SO_KEEPALIVE, Name: "SO_KEEPALIVE"},
	{Level: core.SOL_SOCKET, Option: core.SO_REUSEPORT, Name: "SO_REUSEPORT"},
	{Level: core.SOL_SOCKET, Option: core.SO_BROADCAST, Name: "SO_BROADCAST"},
	{Level: core.SOL_TCP, Option: core.TCP_NODELAY, Name: "TCP_NODELAY"},
}

var bufferCases = []testCase{
	{name: "buffers are at least as large as asked for", run: func(w *world) {
		for _, option := range []int{core.SO_RCVBUF, core.SO_SNDBUF} {
			for _, s := range []core.Socket{w.tcp(), w.udp()} {
				w.ok(core.SetInt(s, core.SOL_SOCKET, option, 32<<10))
				if got := w.option(s, core.SOL_SOCKET, option); got < 32<<10 || got > 1<<20 {
					w.Errorf("option %d is %d after it was set to %d", option, got, 32<<10)
				}
			}
		}
	}},
	{name: "small buffers hold less than large ones", run: func(w *world) {
		small, large := w.capacity(16<<10), w.capacity(1<<20)
		if small <= 0 || small >= large {
			w.Errorf("%d bytes fit with 16 KiB buffers, %d with 1 MiB", small, large)
		}
	}},
}

// capacity is how much a connection takes with buffers of this size.
func (w *world) capacity(size int) int {
	w.Helper()
	l := w.listener(1)
	w.ok(core.SetInt(l, core.SOL_SOCKET, core.SO_RCVBUF, size))
	c := w.tcp()
	w.ok(core.SetInt(c, core.SOL_SOCKET, core.SO_SNDBUF, size))
	w.ok(c.Connect(w.name(l)))
	return w.fill(c)
}

func (w *world) option(s core.Socket, level, option int) int {
	w.Helper()
	value, err := core.GetInt(s, level, option)
	w.ok(err)
	return value
}

func (w *world) lingers(s core.Socket, on, seconds byte) {
	w.Helper()
	value := make([]byte, 8)
	n, err := s.GetSockOpt(core.SOL_SOCKET, core.SO_LINGER, value)
	w.ok(err)
	equal(w, "the length of SO_LINGER", n, 8)
	if want := []byte{on, 0, 0, 0, seconds, 0, 0, 0}; !bytes.Equal(value, want) {
		w.Errorf("SO_LINGER is %v, want %v", value, want)
	}
}
