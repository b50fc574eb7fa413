//go:build !wasip1

package socket

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

var loopback = netip.MustParseAddrPort("127.0.0.1:6565")

func must[T any](value T, err error) T {
	mustDo(err)
	return value
}

func mustDo(errs ...error) {
	for _, err := range errs {
		if err != nil {
			panic(err)
		}
	}
}

func newSocket(typ core.Type) core.Socket {
	return must(Network{}.Socket(core.AF_INET, typ, 0))
}

// newListener returns a stream socket that listens on loopback.
func newListener() core.Socket {
	s := newSocket(core.SOCK_STREAM)
	mustDo(s.Bind(loopback), s.Listen(5))
	return s
}

// newPair returns both ends of a connection.
func newPair() (client, server core.Socket) {
	listener := newListener()
	client = newSocket(core.SOCK_STREAM)
	mustDo(client.Connect(loopback))
	server, _, err := listener.Accept()
	mustDo(err, listener.Close())
	return client, server
}

func TestAConversationByTheNotesCalls(t *testing.T) {
	lend(t, new(memnet.Network))
	listener, client := newListener(), newSocket(core.SOCK_STREAM)
	mustDo(client.Connect(loopback))
	server, peer, err := listener.Accept()
	mustDo(err)
	if own := must(client.GetSockName()); peer != own || peer != must(server.GetPeerName()) {
		t.Errorf("accept gave %v, the client is %v", peer, own)
	}
	if n, err := client.Send([]byte("holle world!"), 0); n != 12 || err != nil {
		t.Errorf("send: %d, %v", n, err)
	}
	data := make([]byte, 1024)
	if n, from, err := server.RecvFrom(data[:5], 0); string(data[:n]) != "holle" || from.IsValid() || err != nil {
		t.Errorf("recvfrom: %q, %v, %v", data[:n], from, err)
	}
	if n, err := server.Recv(data, core.MSG_PEEK); string(data[:n]) != " world!" || err != nil {
		t.Errorf("recv: %q, %v", data[:n], err)
	}
	mustDo(server.SendAll([]byte("HOLLE"), 0), server.Shutdown(core.SHUT_WR))
	if n := must(client.Recv(data, 0)); string(data[:n]) != "HOLLE" {
		t.Errorf("recv: %q", data[:n])
	}
	if n, err := client.Recv(data, 0); n != 0 || err != nil {
		t.Errorf("at the end: %d, %v", n, err)
	}
}

func TestDatagramsCarryTheirSender(t *testing.T) {
	lend(t, new(memnet.Network))
	server, client := newSocket(core.SOCK_DGRAM), newSocket(core.SOCK_DGRAM)
	mustDo(server.Bind(loopback))
	if n, err := client.SendTo([]byte("hi"), 0, loopback); n != 2 || err != nil {
		t.Fatalf("sendto: %d, %v", n, err)
	}
	data := make([]byte, 10)
	n, from, err := server.RecvFrom(data, 0)
	if own := must(client.GetSockName()); string(data[:n]) != "hi" || from.Port() != own.Port() || err != nil {
		t.Errorf("recvfrom: %q, %v, %v; the client is %v", data[:n], from, err, own)
	}
}

func TestASecondCloseIsHarmlessAndEveryOtherCallIsEBADF(t *testing.T) {
	host := lend(t, new(memnet.Network))
	s := newSocket(core.SOCK_STREAM)
	mustDo(s.Close(), s.Close())
	if host.closes != 1 || s.Fileno() != -1 {
		t.Errorf("%d closes reached the host, fileno is %d", host.closes, s.Fileno())
	}
	reused := newSocket(core.SOCK_STREAM) // the same descriptor: s must not touch it
	for name, err := range everyCall(s) {
		if err != core.EBADF {
			t.Errorf("%s: %v, want %v", name, err, core.EBADF)
		}
	}
	if reused.Fileno() != 3 {
		t.Errorf("the next socket got descriptor %d", reused.Fileno())
	}
}

// everyCall makes every call that can fail and returns their errors.
func everyCall(s core.Socket) map[string]error {
	errs, p := map[string]error{}, make([]byte, 1)
	_, _, errs["accept"] = s.Accept()
	errs["connect"], errs["connect_ex"] = s.Connect(loopback), s.ConnectEx(loopback)
	_, errs["recv"] = s.Recv(p, 0)
	_, _, errs["recvfrom"] = s.RecvFrom(p, 0)
	_, errs["send"] = s.Send(p, 0)
	errs["sendall"] = s.SendAll(p, 0)
	_, errs["sendto"] = s.SendTo(p, 0, loopback)
	errs["bind"], errs["listen"], errs["shutdown"] = s.Bind(loopback), s.Listen(1), s.Shutdown(core.SHUT_RD)
	errs["settimeout"], errs["setblocking"] = s.SetTimeout(time.Second), s.SetBlocking(true)
	_, errs["gettimeout"] = s.GetTimeout()
	_, errs["getpeername"] = s.GetPeerName()
	_, errs["getsockname"] = s.GetSockName()
	errs["setsockopt"] = core.SetInt(s, core.SOL_SOCKET, core.SO_REUSEADDR, 1)
	_, errs["getsockopt"] = core.GetInt(s, core.SOL_SOCKET, core.SO_REUSEADDR)
	return errs
}

func TestACanceledSocketGivesWhatIsThereAndDoesNotWaitForMore(t *testing.T) {
	lend(t, new(memnet.Network))
	client, server := newPair()
	mustDo(client.SendAll([]byte("x"), 0), server.SetTimeout(time.Hour))
	server.SetCanceled(true)
	p := make([]byte, 1)
	if n, err := server.Recv(p, 0); n != 1 || err != nil {
		t.Errorf("recv: %d, %v", n, err)
	}
	if _, err := server.Recv(p, 0); err != core.ECANCELED {
		t.Errorf("recv of more: %v, want %v", err, core.ECANCELED)
	}
	list := []core.PollFd{{Socket: server, Events: core.POLLIN}}
	if _, err := (Network{}).Poll(context.Background(), list, core.NonBlocking); err != core.ECANCELED {
		t.Errorf("poll: %v, want %v", err, core.ECANCELED)
	}
	if d := must(server.GetTimeout()); d != time.Hour {
		t.Errorf("the timeout became %v", d)
	}
	mustDo(server.SetBlocking(false))
	if _, err := server.Recv(p, 0); err != core.ECANCELED {
		t.Errorf("in non-blocking mode: %v, want %v", err, core.ECANCELED)
	}
}

func TestConnectExReturnsTheNumber(t *testing.T) {
	host := lend(t, new(memnet.Network))
	s := newSocket(core.SOCK_STREAM)
	if e := s.ConnectEx(loopback); e != core.ECONNREFUSED {
		t.Errorf("nobody listens: %v", e)
	}
	newListener()
	if e := s.ConnectEx(loopback); e != 0 {
		t.Errorf("somebody listens: %v", e)
	}
	if e := s.ConnectEx(loopback); e != core.EISCONN {
		t.Errorf("again: %v", e)
	}
	hostConnectEx = func(int32, *byte, uint32) int32 { return -int32(core.EAGAIN) }
	defer host.install()
	if e := s.ConnectEx(loopback); e != core.EAGAIN {
		t.Errorf("the timeout: %v", e)
	}
}

func TestErrorsOfTheHostKeepTheirNumber(t *testing.T) {
	lend(t, new(memnet.Network))
	s := newSocket(core.SOCK_STREAM)
	if _, err := (Network{}).Socket(99, core.SOCK_STREAM, 0); err != core.EAFNOSUPPORT {
		t.Errorf("another family: %v", err)
	}
	if _, _, err := s.Accept(); err != core.EINVAL {
		t.Errorf("accept without listen: %v", err)
	}
	if err := s.Bind(netip.AddrPort{}); err != core.EINVAL {
		t.Errorf("bind to no address: %v", err)
	}
	if _, err := s.GetPeerName(); err != core.ENOTCONN {
		t.Errorf("getpeername: %v", err)
	}
	client, _ := newPair()
	mustDo(client.SetTimeout(time.Nanosecond))
	if _, err := client.Recv(make([]byte, 1), 0); err != core.ErrTimeout {
		t.Errorf("timeout: %v", err)
	}
}

func TestADescriptorFromOutsideTellsItsKind(t *testing.T) {
	host := lend(t, new(memnet.Network))
	inner := must(host.network.Socket(core.AF_INET6, core.SOCK_DGRAM, 0))
	s := FromFD(host.put(inner))
	if s.Family() != core.AF_INET6 || s.Type() != core.SOCK_DGRAM {
		t.Errorf("%v, %v", s.Family(), s.Type())
	}
	if want := must(core.GetInt(inner, core.SOL_SOCKET, core.SO_PROTOCOL)); s.Proto() != want {
		t.Errorf("proto %d, want %d", s.Proto(), want)
	}
	mustDo(s.Close())
	if s.Family() != core.AF_INET6 {
		t.Errorf("after close: %v", s.Family())
	}
	if nobody := FromFD(77); nobody.Family() != 0 || nobody.Type() != 0 || nobody.Proto() != 0 {
		t.Errorf("not open: %v, %v, %v", nobody.Family(), nobody.Type(), nobody.Proto())
	}
}

func TestTimeoutsComeBackAsTheyWereSet(t *testing.T) {
	lend(t, new(memnet.Network))
	s := newSocket(core.SOCK_STREAM)
	durations := []time.Duration{core.Blocking, core.NonBlocking, 1, 3, 999, time.Hour}
	for ms := range 3000 {
		durations = append(durations, time.Duration(ms)*time.Millisecond, time.Duration(ms)*7919)
	}
	for _, d := range durations {
		mustDo(s.SetTimeout(d))
		if got := must(s.GetTimeout()); got != d {
			t.Errorf("set %d ns, got %d", d, got)
		}
	}
	mustDo(s.SetBlocking(false))
	if got := must(s.GetTimeout()); got != core.NonBlocking {
		t.Errorf("non-blocking: %v", got)
	}
	mustDo(s.SetBlocking(true))
	if got := must(s.GetTimeout()); got != core.Blocking {
		t.Errorf("blocking: %v", got)
	}
}

func TestOptionsPassThrough(t *testing.T) {
	lend(t, new(memnet.Network))
	s := newSocket(core.SOCK_STREAM)
	mustDo(core.SetInt(s, core.SOL_SOCKET, core.SO_REUSEADDR, 1))
	if n := must(core.GetInt(s, core.SOL_SOCKET, core.SO_REUSEADDR)); n == 0 {
		t.Error("SO_REUSEADDR is not set")
	}
	if err := core.SetInt(s, core.SOL_SOCKET, 9999, 1); err != core.ENOPROTOOPT {
		t.Errorf("no such option: %v", err)
	}
}

func TestRecvAndSendDoNotAllocate(t *testing.T) {
	lend(t, new(memnet.Network))
	hostRecv = func(int32, *byte, uint32, int32) int32 { return 1 }
	hostSend = func(int32, *byte, uint32, int32) int32 { return -int32(core.ErrTimeout) }
	s, p := FromFD(3), make([]byte, 16)
	allocs := testing.AllocsPerRun(100, func() {
		s.Recv(p, 0)
		s.Send(p, 0) // times out: that does not allocate either
	})
	if allocs != 0 {
		t.Errorf("%v allocations", allocs)
	}
}
