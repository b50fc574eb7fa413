package wasmhost

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// serve begins a route and returns its address. The route is drained when the
// test ends.
func (f *fixture) serve(config RouteConfig) (*Route, netip.AddrPort) {
	f.t.Helper()
	var address netip.AddrPort
	if config.Socket == nil {
		config.Socket, address = f.listener()
	} else {
		var err error
		address, err = config.Socket.GetSockName()
		must(f.t, err)
	}
	must(f.t, config.Socket.SetTimeout(core.Blocking))
	config.Name = "tcp://" + address.String()
	route, err := f.NewRoute(config)
	must(f.t, err)
	served := make(chan error, 1)
	go func() { served <- route.Serve() }()
	f.t.Cleanup(func() {
		f.drain(route)
		if err := soon(f.t, served); err != nil {
			f.t.Errorf("Serve: %v", err)
		}
	})
	return route, address
}

func (f *fixture) drain(r *Route) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := r.Drain(ctx); err != nil {
		f.t.Errorf("drain: %v", err)
	}
}

func (f *fixture) dial(address netip.AddrPort) core.Socket {
	f.t.Helper()
	s := f.socket(core.SOCK_STREAM)
	must(f.t, s.Connect(address))
	return s
}

// exchange sends a text and returns what comes back first.
func exchange(t *testing.T, s core.Socket, text string) string {
	t.Helper()
	must(t, s.SendAll([]byte(text), 0))
	p := make([]byte, 1024)
	n, err := s.Recv(p, 0)
	must(t, err)
	return string(p[:n])
}

// oneEcho is a handler that sends back the first thing it receives.
func oneEcho() []byte {
	return handlerOf(code(
		param0, i32Const(bufferAt),
		param0, i32Const(bufferAt), i32Const(1024), i32Const(0), callFunc(0), // recv
		i32Const(0), callFunc(1), drop, // send
		i32Const(0),
	), hostFunction("recv"), hostFunction("send"))
}

func TestAConnectionGetsAnInstanceAndIsClosed(t *testing.T) {
	f := newFixture(t, nil)
	_, address := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho())})
	c := f.dial(address)
	if got := exchange(t, c, "hi"); got != "hi" {
		t.Errorf("the echo is %q", got)
	}
	if n, err := c.Recv(make([]byte, 1), 0); n != 0 || err != nil {
		t.Errorf("after the handler returned, recv is %d, %v; want the end of the stream", n, err)
	}
	r := f.reports.wait(t, EventClosed)
	own, err := c.GetSockName()
	must(t, err)
	if r.Conn != 1 || r.Handler != "one-echo" || r.Peer != own || r.Received != 2 || r.Sent != 2 || r.Error != "" {
		t.Errorf("the report is %+v", r)
	}
}

func TestEndingsOfAHandler(t *testing.T) {
	write := hostFunction("fd_write")
	exit := hostFunction("proc_exit")
	tests := []struct {
		name   string
		file   []byte
		event  string
		reason string
	}{
		{"returns 0", handlerOf(i32Const(0)), EventClosed, ""},
		{"returns 7", handlerOf(i32Const(7)), EventFailed, "handle returned 7"},
		{"returns an error number", handlerOf(i32Const(-15)), EventFailed, "handle returned -15 (ECONNRESET: connection reset by peer)"},
		{"traps", handlerOf(unreachable), EventFailed, "unreachable"},
		{"divides by zero", handlerOf(code(i32Const(1), i32Const(0), []byte{0x6d})), EventFailed, "integer divide by zero"},
		{"reads beyond its memory", handlerOf(code(i32Const(guestEnd), []byte{0x28, 2, 0})), EventFailed, "out of bounds memory access"},
		{"calls itself for ever", handlerOf(code(param0, callFunc(0))), EventFailed, "stack overflow"},
		{"exits with 0", handlerOf(code(i32Const(0), callFunc(0), i32Const(0)), exit), EventFailed, "exited with code 0"},
		{"exits with 3", handlerOf(code(i32Const(3), callFunc(0), i32Const(0)), exit), EventFailed, "exited with code 3"},
		{"prints to a bad place", handlerOf(code(i32Const(1), i32Const(-8), i32Const(1), i32Const(0), callFunc(0)), write),
			EventFailed, "handle returned 21"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, nil)
			_, address := f.serve(RouteConfig{Plugin: f.load("h", tt.file)})
			c := f.dial(address)
			r := f.reports.wait(t, tt.event)
			if r.Error != tt.reason {
				t.Errorf("the reason is %q, want %q", r.Error, tt.reason)
			}
			if n, err := c.Recv(make([]byte, 1), 0); n != 0 || err != nil {
				t.Errorf("the client gets %d, %v; want the end of the stream", n, err)
			}
		})
	}
}

func TestATrapNamesTheFunctions(t *testing.T) {
	trap := parseTrap("wasm error: unreachable\nwasm stack trace:\n\t.bad(i32)\n\tlib.handle(i32) i32")
	if trap.Reason != "unreachable" || strings.Join(trap.Stack, "|") != "bad(i32)|lib.handle(i32) i32" {
		t.Errorf("%+v", trap)
	}
}

func TestWhatAGuestLeavesOpenIsClosed(t *testing.T) {
	f := newFixture(t, nil)
	listener, other := f.listener()
	text := other.String()
	// socket(2,1,0); connect(4, text); return 0
	file := handlerOf(code(
		i32Const(2), i32Const(1), i32Const(0), callFunc(0),
		i32Const(textAt), i32Const(int32(len(text))), callFunc(1), drop, i32Const(0),
	), hostFunction("socket"), hostFunction("connect"))
	file = withData(file, text)
	_, address := f.serve(RouteConfig{Plugin: f.load("leaver", file), Grants: grant(t, core.UseConnect, text)})
	f.dial(address)
	conn, _, err := listener.Accept()
	must(t, err)
	defer conn.Close()
	must(t, conn.SetTimeout(patience))
	if n, err := conn.Recv(make([]byte, 1), 0); n != 0 || err != nil {
		t.Errorf("the socket the guest left open gives %d, %v; want the end of the stream", n, err)
	}
}

// withData adds a data segment that puts text where the guests expect it.
func withData(file []byte, text string) []byte {
	segment := append([]byte{0, 0x41, 0x80, 0x02, 0x0b}, vec([]byte(text))...) // i32.const 0x100
	return append(append(file, 11), vec(append(leb(1), segment...))...)
}

func TestDeniedIsEACCESAndALineThatSaysWhatWouldAllowIt(t *testing.T) {
	f := newFixture(t, nil)
	d := f.newDriver(nil)
	d.ok("socket", 2, 1, 0) // 3: a stream
	d.ok("socket", 2, 2, 0) // 4: datagrams
	tests := []struct {
		call  string
		fd    uint64
		text  string
		allow string
	}{
		{"connect", 3, "192.0.2.7:80", "--allow-connect 192.0.2.7:80"},
		{"connect_ex", 3, "192.0.2.7:80", "--allow-connect 192.0.2.7:80"},
		{"connect", 4, "192.0.2.7:80", "--allow-connect 192.0.2.7:80"},
		{"bind", 3, "127.0.0.1:6565", "--allow-listen 127.0.0.1:6565"},
		{"bind", 3, ":0", "--allow-listen 0.0.0.0:0"},
		{"listen", 3, "", "--allow-listen 0.0.0.0:0"},
		{"sendto", 4, "127.0.0.1:53", "--allow-send 127.0.0.1:53"},
		{"connect", 3, "localhost:80", "--allow-connect localhost:80"},
		{"getaddrinfo", 0, "localhost", "--allow-resolve localhost"},
	}
	for _, tt := range tests {
		f.reports.all, d.denials = nil, nil
		ptr, length := d.put(tt.text)
		params := []uint64{tt.fd, ptr, length}
		switch tt.call {
		case "listen":
			params = []uint64{tt.fd, 1}
		case "sendto":
			params = []uint64{tt.fd, bufferAt, 1, 0, ptr, length}
		case "getaddrinfo":
			params = []uint64{ptr, length, 0, bufferAt, 100}
		}
		d.fails(core.EACCES, tt.call, params...)
		if r := f.reports.wait(t, EventDenied); r.Allow != tt.allow || r.Call != tt.call {
			t.Errorf("%s(%q): the report is %s: %s; want %s", tt.call, tt.text, r.Call, r.Allow, tt.allow)
		}
	}
}

func TestANamesGrantCoversWhatItResolvedTo(t *testing.T) {
	f := newFixture(t, nil)
	_, address := f.listener()
	port := fmt.Sprint(address.Port())
	d := f.newDriver(grant(t, core.UseConnect, "localhost:"+port))
	d.ok("socket", 2, 1, 0)
	connect := func(text string) []uint64 {
		ptr, length := d.put(text)
		return []uint64{3, ptr, length}
	}
	d.fails(core.EACCES, "connect", connect("127.0.0.1:"+port)...) // nobody has resolved it yet
	d.fails(core.EACCES, "connect", connect("localhost:1")...)
	d.ok("connect", connect("localhost:"+port)...)
}

func TestGetAddrInfoIsCutAtALine(t *testing.T) {
	f := newFixture(t, nil)
	d := f.newDriver(grant(t, core.UseResolve, "localhost"))
	ptr, length := d.put("localhost")
	full := uint32(d.ok("getaddrinfo", ptr, length, 0, bufferAt, 100))
	all := d.read(bufferAt, full)
	if !strings.Contains(all, "127.0.0.1\n") || !strings.HasSuffix(all, "\n") {
		t.Fatalf("getaddrinfo gives %q", all)
	}
	d.memory.Write(bufferAt, make([]byte, 100))
	if n := d.ok("getaddrinfo", ptr, length, uint64(core.AF_INET), bufferAt, 9); n != 10 || d.read(bufferAt, 9) != strings.Repeat("\x00", 9) {
		t.Errorf("into 9 bytes: %d, %q", n, d.read(bufferAt, 9))
	}
	ptr, length = d.put("127.0.0.1")
	if n := d.ok("getaddrinfo", ptr, length, 0, bufferAt, 100); d.read(bufferAt, uint32(n)) != "127.0.0.1\n" {
		t.Error("a literal is not itself")
	}
	d.fails(core.EAI_ADDRFAMILY, "getaddrinfo", ptr, length, uint64(core.AF_INET6), bufferAt, 100)
	ptr, length = d.put("127.1")
	d.fails(core.EAI_NONAME, "getaddrinfo", ptr, length, 0, bufferAt, 100)
	d.fails(core.EAI_FAMILY, "getaddrinfo", ptr, length, 99, bufferAt, 100)
}

func TestDrainWaitsAndCutStops(t *testing.T) {
	f := newFixture(t, nil)
	route, address := f.serve(RouteConfig{Plugin: f.load("one-echo", oneEcho())})
	c := f.dial(address)
	f.reports.wait(t, EventConnected)

	drained := make(chan struct{})
	go func() {
		defer close(drained)
		f.drain(route)
	}()
	f.reports.wait(t, EventDraining)
	if got := exchange(t, c, "still served"); got != "still served" {
		t.Errorf("while draining the echo is %q", got)
	}
	soon(t, drained)
	late := f.socket(core.SOCK_STREAM)
	if err := late.Connect(address); err != core.ECONNREFUSED {
		t.Errorf("after the drain connect gives %v, want ECONNREFUSED", err)
	}
}

func TestOutputIsEscapedALineAtATime(t *testing.T) {
	var lines []string
	o := &output{line: func(text string) { lines = append(lines, text) }}
	for _, piece := range []string{"one\ntw", "o\n", "\x1b[31mred\x07\r", "\xff\x00 \u202e ü\n", "\n", strings.Repeat("x", maxLine+1), "end"} {
		o.write([]byte(piece), nil)
	}
	o.close()
	o.close()
	want := []string{"one", "two", `\x1b[31mred\x07\x0d\xff\x00 \xe2\x80\xae ü`, "", strings.Repeat("x", maxLine), "xend"}
	if strings.Join(lines, "|") != strings.Join(want, "|") {
		t.Errorf("lines %q, want %q", lines, want)
	}
}

func TestADatagramRouteCallsItsHandlerForEach(t *testing.T) {
	f := newFixture(t, nil)
	// n = recvfrom(fd, buf, 100, 0, addr, 64, len); sendto(fd, buf, 2, 0, addr, load(len))
	file := handlerOf(code(
		param0, i32Const(bufferAt), i32Const(100), i32Const(0), i32Const(resultAt), i32Const(64), i32Const(0x9000), callFunc(0), drop,
		param0, i32Const(bufferAt), i32Const(2), i32Const(0), i32Const(resultAt), i32Const(0x9000), []byte{0x28, 2, 0}, callFunc(1), drop,
		i32Const(0),
	), hostFunction("recvfrom"), hostFunction("sendto"))
	s := f.socket(core.SOCK_DGRAM)
	must(t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	_, address := f.serve(RouteConfig{Plugin: f.load("udp", file), Socket: s})
	c := f.socket(core.SOCK_DGRAM)
	for _, text := range []string{"ab", "cd", "ef"} {
		_, err := c.SendTo([]byte(text), 0, address)
		must(t, err)
	}
	p := make([]byte, 10)
	for _, want := range []string{"ab", "cd", "ef"} {
		n, from, err := c.RecvFrom(p, 0)
		if err != nil || string(p[:n]) != want || from != address {
			t.Errorf("got %q from %v, %v; want %q", p[:n], from, err, want)
		}
	}
}

func TestADatagramItsHandlerDoesNotTakeIsDropped(t *testing.T) {
	f := newFixture(t, nil)
	s := f.socket(core.SOCK_DGRAM)
	must(t, s.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	route, address := f.serve(RouteConfig{Plugin: f.load("deaf", handlerOf(unreachable)), Socket: s})
	c := f.socket(core.SOCK_DGRAM)
	_, err := c.SendTo([]byte("x"), 0, address)
	must(t, err)
	f.reports.wait(t, EventFailed)
	f.drain(route)
	failed := 0
	for _, r := range f.reports.all {
		if r.Event == EventFailed {
			failed++
		}
	}
	if failed != 1 {
		t.Errorf("the handler was called %d times for one datagram", failed)
	}
}

func TestAPluginOfTheWrongKindIsRefusedWithTheRightBuild(t *testing.T) {
	f := newFixture(t, nil)
	program := f.load("p.wasm", guestOf("_start", nil, nil, nil))
	listener, _ := f.listener()
	_, err := f.NewRoute(RouteConfig{Plugin: program, Socket: listener})
	if err == nil || !strings.HasPrefix(err.Error(), "p.wasm: is a program, not a handler: ") {
		t.Errorf("serving a program: %v", err)
	}
	_, err = f.Run(context.Background(), Program{Plugin: f.load("h.wasm", handlerOf(i32Const(0)))})
	if err == nil || !strings.HasPrefix(err.Error(), "h.wasm: is a handler, not a program: ") {
		t.Errorf("running a handler: %v", err)
	}
}

func TestRunStopsAProgramThatWaits(t *testing.T) {
	network := &watched{Network: &memnet.Network{}, waiting: make(chan struct{}, 1)}
	f := newFixture(t, func(c *Config) { c.Network = network })
	// poll_oneoff with one clock subscription, a day from now
	sleep := guestOf("_start", nil, nil, code(
		i32Const(bufferAt+24), []byte{0x42}, []byte{0x80, 0x80, 0x9a, 0xa6, 0xea, 0xaf, 0xe3, 0x01}, []byte{0x37, 3, 0}, // i64.store
		i32Const(bufferAt), i32Const(resultAt), i32Const(1), i32Const(0), callFunc(0), drop,
	), hostFunction("poll_oneoff"))
	ctx, cancel := context.WithCancel(context.Background())
	ended := f.run(ctx, Program{Plugin: f.load("sleeper", sleep)})
	network.wait(t, f)
	cancel()
	if err := soon(t, ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
}
