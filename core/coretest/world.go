package coretest

import (
	"context"
	"net/netip"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

const (
	bound = 20 * time.Second      // far above what any wait needs
	short = 30 * time.Millisecond // a timeout that is meant to expire
)

// world is what one case works with: a network, one family, and the sockets
// it made, which are closed at its end.
type world struct {
	*testing.T
	net     core.Network
	family  core.Family
	options Options

	mu      sync.Mutex
	sockets []core.Socket
}

func newWorld(t *testing.T, network core.Network, family core.Family, options Options) *world {
	w := &world{T: t, net: network, family: family, options: options}
	if !options.SingleThreaded {
		guard := time.AfterFunc(bound, w.giveUp)
		t.Cleanup(func() {
			if !guard.Stop() {
				t.Errorf("the case took more than %v", bound)
			}
		})
	}
	t.Cleanup(w.closeAll)
	return w
}

// giveUp ends every call that hangs with ECANCELED.
func (w *world) giveUp() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sockets {
		s.SetCanceled(true)
	}
}

func (w *world) closeAll() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, s := range w.sockets {
		s.Close()
	}
}

// keep remembers s for the end of the case.
func (w *world) keep(s core.Socket) core.Socket {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sockets = append(w.sockets, s)
	return s
}

// ok ends the case where a call failed.
func (w *world) ok(err error) {
	w.Helper()
	if err != nil {
		w.Fatalf("error %v, want none", err)
	}
}

// fails ends the case where a call did not fail with exactly this number.
func (w *world) fails(err error, want core.Errno) {
	w.Helper()
	if err == nil {
		w.Fatalf("no error, want %s", want.Name())
	}
	if err != error(want) {
		w.Fatalf("error %v, want %s", err, want.Name())
	}
}

// equal notes where a value is not the one it should be.
func equal[T comparable](w *world, what string, got, want T) {
	w.Helper()
	if got != want {
		w.Errorf("%s is %v, want %v", what, got, want)
	}
}

func (w *world) socket(typ core.Type) core.Socket {
	w.Helper()
	return w.socketOf(w.family, typ)
}

func (w *world) socketOf(family core.Family, typ core.Type) core.Socket {
	w.Helper()
	s, err := w.net.Socket(family, typ, 0)
	w.ok(err)
	return w.keep(s)
}

func (w *world) tcp() core.Socket {
	w.Helper()
	return w.socket(core.SOCK_STREAM)
}

func (w *world) udp() core.Socket {
	w.Helper()
	return w.socket(core.SOCK_DGRAM)
}

// loopback is the family's loopback address with this port.
func (w *world) loopback(port uint16) netip.AddrPort {
	if w.family == core.AF_INET6 {
		return netip.AddrPortFrom(netip.IPv6Loopback(), port)
	}
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), port)
}

// wildcard is the family's unspecified address with this port.
func (w *world) wildcard(port uint16) netip.AddrPort {
	if w.family == core.AF_INET6 {
		return netip.AddrPortFrom(netip.IPv6Unspecified(), port)
	}
	return netip.AddrPortFrom(netip.IPv4Unspecified(), port)
}

// otherFamily is an address the case's sockets cannot have.
func (w *world) otherFamily() netip.AddrPort {
	if w.family == core.AF_INET6 {
		return netip.MustParseAddrPort("127.0.0.1:9")
	}
	return netip.MustParseAddrPort("[::1]:9")
}

func (w *world) name(s core.Socket) netip.AddrPort {
	w.Helper()
	name, err := s.GetSockName()
	w.ok(err)
	return name
}

// onLoopback binds s to a free port of the loopback.
func (w *world) onLoopback(s core.Socket) core.Socket {
	w.Helper()
	w.ok(s.Bind(w.loopback(0)))
	return s
}

func (w *world) listener(backlog int) core.Socket {
	w.Helper()
	s := w.onLoopback(w.tcp())
	w.ok(s.Listen(backlog))
	return s
}

// receiver is a datagram socket with an address.
func (w *world) receiver() core.Socket {
	w.Helper()
	return w.onLoopback(w.udp())
}

func (w *world) connect(to core.Socket) core.Socket {
	w.Helper()
	c := w.tcp()
	w.ok(c.Connect(w.name(to)))
	return c
}

func (w *world) accept(l core.Socket) core.Socket {
	w.Helper()
	conn, _, err := l.Accept()
	w.ok(err)
	return w.keep(conn)
}

// pair is a connection: the end that connected and the end that accepted.
func (w *world) pair() (client, server core.Socket) {
	w.Helper()
	l := w.listener(1)
	client = w.connect(l)
	server = w.accept(l)
	w.ok(l.Close())
	return client, server
}

// binds ends the case where a bind fails each time. It may once, and again on a
// busy machine: another process has the port at that moment, or a connection on
// it has just ended.
func (w *world) binds(bind func() error) {
	w.Helper()
	err := bind()
	for try := 1; err == core.EADDRINUSE && try < 10; try++ {
		err = bind()
	}
	w.ok(err)
}

// deadAddress is one that nobody has.
func (w *world) deadAddress(typ core.Type) netip.AddrPort {
	w.Helper()
	s := w.onLoopback(w.socket(typ))
	address := w.name(s)
	w.ok(s.Close())
	return address
}

func (w *world) send(s core.Socket, text string) {
	w.Helper()
	w.ok(s.SendAll([]byte(text), 0))
}

// receives reads once and compares.
func (w *world) receives(s core.Socket, want string) {
	w.Helper()
	p := make([]byte, 1<<16)
	n, err := s.Recv(p, 0)
	w.ok(err)
	equal(w, "what was received", string(p[:n]), want)
}

// ended wants the end of the stream.
func (w *world) ended(s core.Socket) {
	w.Helper()
	n, err := s.Recv(make([]byte, 16), 0)
	w.ok(err)
	equal(w, "bytes at the end of the stream", n, 0)
}

// poll waits until s has one of events, or one that is reported unasked, and
// returns all it has.
func (w *world) poll(s core.Socket, events int16) int16 {
	w.Helper()
	list := []core.PollFd{{Socket: s, Events: events}}
	n, err := w.net.Poll(context.Background(), list, bound)
	w.ok(err)
	if n == 0 {
		w.Fatalf("no event of %#x came", events)
	}
	return list[0].Revents
}

// quiet wants that s has none of events and gets none for a while.
func (w *world) quiet(s core.Socket, events int16) {
	w.Helper()
	list := []core.PollFd{{Socket: s, Events: events}}
	n, err := w.net.Poll(context.Background(), list, short)
	w.ok(err)
	equal(w, "the number of ready sockets", n, 0)
	equal(w, "events", list[0].Revents, 0)
}

// timed wants that a call takes its timeout and not much more.
func (w *world) timed(timeout time.Duration, call func()) {
	w.Helper()
	start := time.Now()
	call()
	took := time.Since(start)
	if took < timeout*9/10 || took > bound/2 {
		w.Errorf("the call took %v, want %v", took, timeout)
	}
}

// background runs call in a goroutine, gives it time to begin to wait, and
// returns how to get its result. Nothing depends on whether the time was
// enough.
func background[T any](w *world, call func() T) (result func() T) {
	done := make(chan T, 1)
	go func() { done <- call() }()
	w.net.Poll(context.Background(), nil, short)
	return func() T {
		w.Helper()
		select {
		case v := <-done:
			return v
		case <-time.After(bound):
			w.Fatal("the call did not end")
			panic("unreachable")
		}
	}
}

// recvError is the error of one receive.
func recvError(s core.Socket) error {
	_, err := s.Recv(make([]byte, 16), 0)
	return err
}

// sendError is the error of sending one byte.
func sendError(s core.Socket) error {
	_, err := s.Send([]byte{'x'}, 0)
	return err
}

func acceptError(s core.Socket) error {
	_, _, err := s.Accept()
	return err
}
