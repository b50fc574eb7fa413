package wasmhost

import (
	"context"
	"errors"
	"io"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

// What a guest, or an unlucky moment, has tried before: each case stands for
// a defence, and fails without it.

func TestACutReachesAGuestThatIsOnlyOnItsWay(t *testing.T) {
	f := newFixture(t, nil)
	listener, address := f.listener()
	route, err := f.NewRoute(RouteConfig{Socket: listener, Plugin: f.load("one-echo", oneEcho())})
	must(t, err)
	f.dial(address)
	socket, peer, err := listener.Accept()
	must(t, err)
	v, err := route.begin(peer) // what Serve does before it starts the connection
	must(t, err)
	route.stopAccepting()
	route.cut()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		route.connection(socket, v)
	}()
	soon(t, ended) // and the guest does not wait for its client
	f.reports.wait(t, EventStopped)
}

func TestACanceledInstanceRunsNothing(t *testing.T) {
	f := newFixture(t, nil)
	g := f.newInstance(settings{plugin: f.load("x", handlerOf(unreachable))})
	defer g.close()
	must(t, g.instantiate())
	g.cancel()
	if _, err := g.call("handle", 0); err != errStopped {
		t.Errorf("handle: %v", ending(err))
	}
	again := f.newInstance(settings{plugin: g.plugin})
	defer again.close()
	again.cancel()
	if err := again.instantiate(); err != errStopped {
		t.Errorf("instantiate: %v", err)
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_, err := f.Run(ended, Program{Plugin: f.load("p", guestOf("_start", nil, nil, unreachable))})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
}

func TestAGuestHasItsConnectionOnlyOnceInitialized(t *testing.T) {
	f := newFixture(t, nil)
	var w wasm
	closing := hostFunction("fd_close")
	w.importFunc(closing.module, closing.name, w.typ(closing.params, closing.results))
	w.later("_initialize", w.typ(nil, nil), code(i32Const(3), callFunc(0), drop))
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), param0) // 3 where the connection is there
	_, address := f.serve(RouteConfig{Plugin: f.load("early", w.bytes())})
	f.dial(address)
	if r := f.reports.wait(t, EventFailed); r.Error != "handle returned 3" {
		t.Errorf("the handler ended with %q", r.Error)
	}
}

func TestListenWithoutAGrantIsRefusedWhateverWentBefore(t *testing.T) {
	f := newFixture(t, nil)
	listener, address := f.listener()
	must(t, listener.Close())
	d := f.newDriver(grant(t, core.UseConnect, address.String()))
	d.ok("socket", 2, 1, 0)
	ptr, length := d.put(address.String())
	d.fails(core.ECONNREFUSED, "connect", 3, ptr, length)
	// The kernel leaves the port of a failed connect for getsockname to see.
	d.table.entries[3].socket = named{d.table.entries[3].socket}
	d.fails(core.EACCES, "listen", 3, 5)
}

// named is a socket that has a name it was never bound to.
type named struct{ core.Socket }

func (named) GetSockName() (netip.AddrPort, error) {
	return netip.MustParseAddrPort("127.0.0.1:40000"), nil
}

func TestALingeringCloseDoesNotHoldTheHost(t *testing.T) {
	f := newFixture(t, nil)
	d, _ := f.connected(t)
	lingering := &lingering{Socket: d.table.entries[3].socket}
	d.table.entries[3].socket = lingering
	d.memory.Write(bufferAt, []byte{1, 0, 0, 0, 60, 0, 0, 0})
	d.ok("setsockopt", 3, core.SOL_SOCKET, core.SO_LINGER, bufferAt, 8)
	d.ok("close", 3)
	if want := "\x01\x00\x00\x00\x3c\x00\x00\x00|\x00\x00\x00\x00\x00\x00\x00\x00|"; lingering.set != want {
		t.Errorf("SO_LINGER was set to %q, want %q", lingering.set, want)
	}
}

type lingering struct {
	core.Socket
	set string
}

func (s *lingering) SetSockOpt(level, option int, value []byte) error {
	s.set += string(value) + "|"
	return s.Socket.SetSockOpt(level, option, value)
}

func TestATextCostsNoMoreThanATextCan(t *testing.T) {
	f := newFixture(t, nil)
	d := f.newDriver(nil)
	d.ok("socket", 2, 2, 0)
	d.memory.WriteString(textAt, strings.Repeat("\x01", 60000))
	allocated := testing.Benchmark(func(b *testing.B) {
		for range b.N {
			d.call("connect", 3, textAt, 60000)
		}
	}).AllocedBytesPerOp()
	if allocated > 32<<10 { // a call from Go into a guest has its own 10 KiB
		t.Errorf("an address of 60,000 bytes costs the host %d bytes", allocated)
	}
	d.fails(core.EINVAL, "connect", 3, textAt, 60000)
	d.fails(core.EAI_NONAME, "getaddrinfo", textAt, 60000, 0, bufferAt, 100)
	d.fails(core.EFAULT, "connect", 3, guestEnd-1, 60000)
}

func TestOneWriteToTheLogIsBounded(t *testing.T) {
	f := newFixture(t, nil)
	d := f.newDriver(nil)
	for i := range uint32(1024) {
		d.iovec(i, 0, 0xf000)
	}
	d.errno(0, "fd_write", 1, iovecAt, 1024, resultAt)
	if n := d.u32(resultAt); n == 0 || n > 2*maxJoined {
		t.Errorf("one call wrote %d bytes to the log", n)
	}
}

func TestPollAnswersForWhatIsNoSocket(t *testing.T) {
	f := newFixture(t, nil)
	d, peer := f.connected(t)
	entries := func(wants ...[2]int32) (count uint64) {
		for i, want := range wants {
			d.memory.WriteUint32Le(uint32(bufferAt+8*i), uint32(want[0]))
			d.memory.WriteUint32Le(uint32(bufferAt+8*i+4), uint32(want[1])|0xdead0000)
		}
		return uint64(len(wants))
	}
	revents := func(i uint32) uint32 { return d.u32(bufferAt+8*i+4) >> 16 }
	tests := []struct {
		name    string
		entries [][2]int32
		want    []uint32
	}{
		{"a number that is not open", [][2]int32{{99, 1}}, []uint32{uint32(core.POLLNVAL)}},
		{"standard output", [][2]int32{{1, 4}, {2, 1}}, []uint32{uint32(core.POLLOUT), 0}},
		{"standard input at its end", [][2]int32{{0, 1}, {0, 4}}, []uint32{uint32(core.POLLIN), 0}},
		{"a negative number", [][2]int32{{-1, 1}, {1, 4}}, []uint32{0, uint32(core.POLLOUT)}},
		{"a socket beside them", [][2]int32{{3, 5}, {99, 1}}, []uint32{uint32(core.POLLOUT), uint32(core.POLLNVAL)}},
	}
	for _, tt := range tests {
		ready := int32(0)
		n := d.ok("poll", bufferAt, entries(tt.entries...), 0)
		for i, want := range tt.want {
			if got := revents(uint32(i)); got != want {
				t.Errorf("%s: revents %d is %#x, want %#x", tt.name, i, got, want)
			}
			if want != 0 {
				ready++
			}
		}
		if n != ready {
			t.Errorf("%s: poll = %d, want %d", tt.name, n, ready)
		}
	}
	_, err := peer.Send([]byte("x"), 0)
	must(t, err)
	if n := d.ok("poll", bufferAt, entries([2]int32{3, 1}), 0xbff0000000000000); n != 1 || revents(0) != 1 { // -1.0
		t.Errorf("poll for ever: %d, %#x", n, revents(0))
	}
	if n := d.ok("poll", 0, 0, 0); n != 0 {
		t.Errorf("poll of nothing = %d", n)
	}
}

func TestStandardInputIsSeenByAPollThatDoesNotWait(t *testing.T) {
	f := newFixture(t, nil)
	g := f.newInstance(settings{plugin: f.load("driver", trampolines()), stdin: strings.NewReader("hello")})
	defer g.close()
	must(t, g.instantiate())
	d := &driver{g, t}
	d.subscribe(0, eventRead, 0, 0)
	d.subscribe(1, eventClock, 0, 0)
	for deadline := time.Now().Add(patience); !strings.Contains(d.pollOneoff(2), "100:1"); {
		if time.Now().After(deadline) {
			t.Fatal("standard input that has come is never reported")
		}
	}
	d.iovec(0, bufferAt, 8)
	d.errno(0, "fd_read", 0, iovecAt, 1, resultAt)
	if got := d.read(bufferAt, d.u32(resultAt)); got != "hello" {
		t.Errorf("fd_read gives %q", got)
	}
}

func TestAReaderThatGivesNothingOnceIsReadAgain(t *testing.T) {
	in := newInput(io.MultiReader(&hesitant{}, strings.NewReader("hello")))
	defer in.close()
	p := make([]byte, 8)
	if n, err := in.read(p, nil); err != nil || string(p[:n]) != "hello" {
		t.Errorf("read %q, %v", p[:n], err)
	}
}

type hesitant struct{ asked bool }

func (h *hesitant) Read([]byte) (int, error) {
	if h.asked {
		return 0, io.EOF
	}
	h.asked = true
	return 0, nil
}

func TestAProgramWhoseOutputNobodyReadsCanBeStopped(t *testing.T) {
	f := newFixture(t, nil)
	file := withData(guestOf("_start", nil, nil, code(i32Const(1), i32Const(textAt), i32Const(1), i32Const(0), callFunc(0), drop),
		hostFunction("fd_write")), "\x00\x10\x00\x00\x05\x00\x00\x00")
	reader, stdout := io.Pipe()
	defer reader.Close() // ends the write
	ctx, cancel := context.WithCancel(context.Background())
	ended := f.run(ctx, Program{Plugin: f.load("p", file), Stdout: stdout})
	_, err := reader.Read(make([]byte, 1)) // of five
	must(t, err)
	cancel()
	if err := soon(t, ended); !errors.Is(err, context.Canceled) {
		t.Errorf("Run: %v", err)
	}
}

// run runs a program, and gives the error of that.
func (f *fixture) run(ctx context.Context, p Program) (ended <-chan error) {
	over := make(chan error, 1)
	go func() {
		_, err := f.Run(ctx, p)
		over <- err
	}()
	return over
}

func TestAPeekIsNotCountedTwice(t *testing.T) {
	f := newFixture(t, nil)
	d, peer := f.connected(t)
	must(t, peer.SendAll([]byte("hello"), 0))
	d.ok("recv", 3, bufferAt, 5, core.MSG_PEEK)
	d.ok("recv", 3, bufferAt, 5, 0)
	if n := d.received.Load(); n != 5 {
		t.Errorf("5 bytes count as %d", n)
	}
}

func TestSendToOnAStreamIgnoresTheAddress(t *testing.T) {
	f := newFixture(t, nil)
	d, peer := f.connected(t)
	ptr, length := d.put("192.0.2.1:1")
	d.ok("sendto", 3, bufferAt, 4, 0, ptr, length)
	if n, err := peer.Recv(make([]byte, 8), 0); n != 4 || err != nil {
		t.Errorf("the peer got %d, %v", n, err)
	}
	d.fails(core.EFAULT, "sendto", 3, bufferAt, 4, 0, guestEnd, 4)
}

func TestALineIsCutBetweenItsRunes(t *testing.T) {
	var lines []string
	o := &output{line: func(text string) { lines = append(lines, text) }}
	o.write([]byte(strings.Repeat("x", maxLine-1)+"ü|\n"), nil)
	if len(lines) != 2 || lines[1] != "ü|" {
		t.Errorf("%d lines, the last %q", len(lines), lines[len(lines)-1])
	}
}

func TestTheOldestResolutionGoesFirst(t *testing.T) {
	g := &instance{}
	later := time.Now().Add(patience)
	ip := func(i int) netip.Addr { return netip.AddrFrom4([4]byte{127, 0, byte(i >> 8), byte(i)}) }
	for i := range maxResolved + 1 {
		g.resolved.remember(resolution{ip(i), "a.example", later})
	}
	if len(g.resolved) != maxResolved {
		t.Errorf("%d are remembered", len(g.resolved))
	}
	if names := g.names(netip.AddrPortFrom(ip(0), 1), ""); len(names) != 0 {
		t.Errorf("the first is remembered: %v", names)
	}
	if names := g.names(netip.AddrPortFrom(ip(maxResolved), 1), ""); len(names) != 1 {
		t.Error("the last is not remembered")
	}
}

func TestAfterFuncRunsOnceOrNotAtAll(t *testing.T) {
	g := newFixture(t, nil).newInstance(settings{})
	defer g.close()
	ran := make(chan string, 3)
	stop := g.AfterFunc(func() { ran <- "stopped" })
	g.AfterFunc(func() { ran <- "waiting" })
	if !stop() || stop() {
		t.Error("stop is in time once")
	}
	g.cancel()
	if got := soon(t, ran); got != "waiting" {
		t.Errorf("%s ran", got)
	}
	late := g.AfterFunc(func() { ran <- "late" })
	if got := soon(t, ran); got != "late" || late() {
		t.Errorf("%s ran", got)
	}
}

func TestAWASICallOfAGuestThatPollsNeverWaits(t *testing.T) {
	f := newFixture(t, nil)
	d, _ := f.connected(t)
	d.plugin.facts.Polls = true
	d.iovec(0, bufferAt, 8)
	for _, timeout := range []time.Duration{core.Blocking, core.NonBlocking, patience} {
		s := d.table.entries[3].socket
		must(t, s.SetTimeout(timeout))
		d.errno(core.EAGAIN, "fd_read", 3, iovecAt, 1, resultAt)
		if after, err := s.GetTimeout(); err != nil || after != timeout {
			t.Errorf("the timeout %v became %v, %v", timeout, after, err)
		}
	}
}
