//go:build linux || darwin || freebsd || windows

package native

import (
	"net/netip"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
)

func TestSocketRefusesWhatIsNoSocketOfTheContract(t *testing.T) {
	tests := []struct {
		name   string
		family core.Family
		typ    core.Type
		proto  int
		want   core.Errno
	}{
		{"no family", core.AF_UNSPEC, core.SOCK_STREAM, 0, core.EAFNOSUPPORT},
		{"AF_UNIX", 1, core.SOCK_STREAM, 0, core.EAFNOSUPPORT},
		{"an unknown family", 99, core.SOCK_STREAM, 0, core.EAFNOSUPPORT},
		{"type 0", core.AF_INET, 0, 0, core.ESOCKTNOSUPPORT},
		{"SOCK_PACKET", core.AF_INET, 10, 0, core.ESOCKTNOSUPPORT},
		{"a type Linux has no number for", core.AF_INET, 11, 0, core.EINVAL},
		{"a negative type", core.AF_INET, -1, 0, core.EINVAL},
		{"Linux's SOCK_NONBLOCK", core.AF_INET, core.SOCK_STREAM | 0x800, 0, core.EINVAL},
		{"UDP on a stream", core.AF_INET, core.SOCK_STREAM, core.IPPROTO_UDP, core.EPROTONOSUPPORT},
		{"a protocol beyond 32 bits", core.AF_INET, core.SOCK_STREAM, 1 << 40, core.EINVAL},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Network{}.Socket(tt.family, tt.typ, tt.proto)
			wantErr(t, "Socket", err, tt.want)
			if s != nil {
				t.Error("an error came with a socket")
			}
		})
	}
}

func TestASocketRemembersWhatItWasMadeWith(t *testing.T) {
	s := value(Network{}.Socket(core.AF_INET, core.SOCK_DGRAM, core.IPPROTO_UDP))(t)
	defer s.Close()
	if s.Family() != core.AF_INET || s.Type() != core.SOCK_DGRAM || s.Proto() != core.IPPROTO_UDP {
		t.Errorf("got %v, %v, %d", s.Family(), s.Type(), s.Proto())
	}
	name := value(s.GetSockName())(t)
	if name != netip.MustParseAddrPort("0.0.0.0:0") {
		t.Errorf("unbound, GetSockName is %v", name)
	}
	_, err := s.GetPeerName()
	wantErr(t, "GetPeerName", err, core.ENOTCONN)
}

func TestBindAndListenGiveTheSystemsErrors(t *testing.T) {
	listener, address := listening(t, 1)
	bound := stream(t)
	must(t, bound.Bind(loopback))
	tests := []struct {
		name string
		call func() error
		want core.Errno
	}{
		{"bind twice", func() error { return bound.Bind(loopback) }, core.EINVAL},
		{"an address in use", func() error { return stream(t).Bind(address) }, core.EADDRINUSE},
		{"another machine's address", func() error { return stream(t).Bind(netip.MustParseAddrPort("192.0.2.1:0")) }, core.EADDRNOTAVAIL},
		{"an IPv6 address", func() error { return stream(t).Bind(netip.MustParseAddrPort("[::1]:0")) }, core.EAI_ADDRFAMILY},
		{"a mapped address", func() error { return stream(t).Bind(netip.MustParseAddrPort("[::ffff:127.0.0.1]:0")) }, core.EAI_ADDRFAMILY},
		{"no address", func() error { return stream(t).Bind(netip.AddrPort{}) }, core.EAI_ADDRFAMILY},
		{"listen on a datagram socket", func() error { return datagram(t).Listen(1) }, core.ENOTSUP},
		{"listen again", func() error { return listener.Listen(5) }, 0},
		{"a negative backlog", func() error { return stream(t).Listen(-5) }, 0},
		{"a huge backlog", func() error { return stream(t).Listen(1 << 40) }, 0},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if err := tt.call(); core.AsErrno(err) != tt.want {
				t.Errorf("got error %v, want %v", err, tt.want)
			}
		})
	}
}

func TestListenUnboundTakesAFreePort(t *testing.T) {
	s := stream(t)
	must(t, s.Listen(1))
	if name := value(s.GetSockName())(t); name.Port() == 0 || !name.Addr().IsUnspecified() {
		t.Errorf("listening at %v", name)
	}
}

func TestAcceptGivesABlockingConnectionAndThePeersAddress(t *testing.T) {
	listener, address := listening(t, 1)
	must(t, listener.SetTimeout(patience))
	client := stream(t)
	must(t, client.Connect(address))
	conn, peer, err := listener.Accept()
	must(t, err)
	defer conn.Close()
	if own := value(client.GetSockName())(t); peer != own {
		t.Errorf("accepted from %v, the client is %v", peer, own)
	}
	if d := value(conn.GetTimeout())(t); d != core.Blocking {
		t.Errorf("the connection has the timeout %v", d)
	}
	if conn.Family() != core.AF_INET || conn.Type() != core.SOCK_STREAM {
		t.Errorf("the connection is %v, %v", conn.Family(), conn.Type())
	}
}

func TestAcceptWithoutListenIsAnInvalidArgument(t *testing.T) {
	s := stream(t)
	_, _, err := s.Accept()
	wantErr(t, "Accept", err, core.EINVAL)
}

func TestTheModeIsOneState(t *testing.T) {
	s := stream(t)
	steps := []struct {
		name string
		set  func() error
		want time.Duration
	}{
		{"a new socket blocks", func() error { return nil }, core.Blocking},
		{"a timeout", func() error { return s.SetTimeout(time.Second) }, time.Second},
		{"SetBlocking(true) erases it", func() error { return s.SetBlocking(true) }, core.Blocking},
		{"SetBlocking(false) is 0", func() error { return s.SetBlocking(false) }, 0},
		{"any negative timeout blocks", func() error { return s.SetTimeout(-time.Hour) }, core.Blocking},
	}
	for _, step := range steps {
		must(t, step.set())
		if got := value(s.GetTimeout())(t); got != step.want {
			t.Errorf("%s: got %v, want %v", step.name, got, step.want)
		}
	}
}

func TestAClosedSocketTakesNoCalls(t *testing.T) {
	s := stream(t)
	must(t, s.Close())
	wantErr(t, "the second Close", s.Close(), nil)
	if s.Fileno() != -1 {
		t.Errorf("Fileno is %d", s.Fileno())
	}
	p := make([]byte, 1)
	calls := map[string]func() error{
		"Bind":        func() error { return s.Bind(loopback) },
		"Listen":      func() error { return s.Listen(1) },
		"Accept":      func() error { _, _, err := s.Accept(); return err },
		"Connect":     func() error { return s.Connect(loopback) },
		"ConnectEx":   func() error { return s.ConnectEx(loopback) },
		"Recv":        func() error { _, err := s.Recv(p, 0); return err },
		"Recv empty":  func() error { _, err := s.Recv(nil, 0); return err },
		"RecvFrom":    func() error { _, _, err := s.RecvFrom(p, 0); return err },
		"Send":        func() error { _, err := s.Send(p, 0); return err },
		"SendAll":     func() error { return s.SendAll(p, 0) },
		"SendTo":      func() error { _, err := s.SendTo(p, 0, loopback); return err },
		"Shutdown":    func() error { return s.Shutdown(core.SHUT_RDWR) },
		"SetTimeout":  func() error { return s.SetTimeout(1) },
		"GetTimeout":  func() error { _, err := s.GetTimeout(); return err },
		"SetBlocking": func() error { return s.SetBlocking(true) },
		"GetPeerName": func() error { _, err := s.GetPeerName(); return err },
		"GetSockName": func() error { _, err := s.GetSockName(); return err },
		"SetSockOpt":  func() error { return core.SetInt(s, core.SOL_SOCKET, core.SO_REUSEADDR, 1) },
		"GetSockOpt":  func() error { _, err := s.GetSockOpt(core.SOL_SOCKET, core.SO_TYPE, p); return err },
		"no option":   func() error { return s.SetSockOpt(99, 99, p) },
	}
	for name, call := range calls {
		wantErr(t, name, call(), core.EBADF)
	}
}
