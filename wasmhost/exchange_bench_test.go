package wasmhost

import (
	"context"
	"net/netip"
	"os"
	"path/filepath"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// talker is a connection whose peer always has said something, and takes what
// it is sent: what its calls take is their caller's.
type talker struct {
	core.Socket
	size, left int
	closed     chan struct{}
}

func (s *talker) Recv(p []byte, _ int) (int, error) {
	if s.left == 0 {
		return 0, nil
	}
	s.left--
	return min(s.size, len(p)), nil
}

func (s *talker) Send(p []byte, _ int) (int, error) { return len(p), nil }
func (s *talker) SendAll([]byte, int) error         { return nil }

func (s *talker) Close() error {
	defer close(s.closed)
	return s.Socket.Close()
}

// talkers is a listener whose one connection is a talker.
type talkers struct {
	core.Socket
	one *talker
}

func (l talkers) Accept() (core.Socket, netip.AddrPort, error) {
	conn, peer, err := l.Socket.Accept()
	l.one.Socket = conn
	return l.one, peer, err
}

// BenchmarkExchange is what a recv, its capitals and a send take beside the
// system's part, natively and in the sandbox: pointers and descriptors
// checked, bytes and fuel counted. 64 bytes are the calls, 64 KiB mostly the
// guest's own work.
func BenchmarkExchange(b *testing.B) {
	for _, size := range []struct {
		name  string
		bytes int
	}{{"64B", 64}, {"64KiB", 64 << 10}} {
		b.Run(size.name+"/native", func(b *testing.B) {
			var s core.Socket = &talker{size: size.bytes, left: b.N}
			buf := make([]byte, 64<<10)
			b.ReportAllocs()
			for n, _ := s.Recv(buf, 0); n > 0; n, _ = s.Recv(buf, 0) {
				for i, c := range buf[:n] {
					if 'a' <= c && c <= 'z' {
						buf[i] = c - 0x20
					}
				}
				_, _ = s.Send(buf[:n], 0)
			}
		})
		for _, handler := range []string{"upper", "upper-go", "echo"} {
			b.Run(size.name+"/"+handler, func(b *testing.B) {
				one := &talker{size: size.bytes, left: b.N, closed: make(chan struct{})}
				connect := exchanges(b, handler, one)
				b.ReportAllocs()
				b.ResetTimer()
				connect()
				<-one.closed
			})
		}
	}
}

// exchanges serves a bundled handler to one connection, once it is made.
func exchanges(b *testing.B, handler string, one *talker) (connect func()) {
	file, err := os.ReadFile(filepath.Join("..", "plugins", "bin", handler+".wasm"))
	must(b, err)
	network := &memnet.Network{}
	host, err := New(Config{Network: network})
	must(b, err)
	plugin, err := host.Load(context.Background(), handler, file)
	must(b, err)
	listener, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	must(b, err)
	must(b, listener.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	must(b, listener.Listen(1))
	address, err := listener.GetSockName()
	must(b, err)
	route, err := host.NewRoute(RouteConfig{Name: handler, Socket: talkers{listener, one}, Plugin: plugin})
	must(b, err)
	served := make(chan error, 1)
	go func() { served <- route.Serve() }()
	client, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	must(b, err)
	b.Cleanup(func() {
		must(b, route.Drain(context.Background()))
		must(b, <-served)
		must(b, client.Close())
		must(b, host.Close())
	})
	return func() { must(b, client.Connect(address)) }
}
