package wasmhost

import (
	"context"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
	"github.com/tetratelabs/wazero/imports/wasi_snapshot_preview1"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
	"github.com/sandsock/sandsock/wasmhost/codecache"
)

// The micro-benchmarks: what a connection costs beside the bytes it moves. Each
// has what it is to be compared with in the same run.

// bundledGuests are a handler written by hand and one in Go.
var bundledGuests = []string{"upper", "echo"}

func benchFile(b *testing.B, name string) []byte {
	b.Helper()
	file, err := os.ReadFile("../plugins/bin/" + name + ".wasm")
	must(b, err)
	return file
}

// benchRoute is a route of a handler, over a network in memory.
func benchRoute(b *testing.B, name string, file []byte) (*Route, *memnet.Network) {
	b.Helper()
	network := &memnet.Network{}
	host, err := New(Config{Network: network})
	must(b, err)
	plugin, err := host.Load(context.Background(), name, file)
	must(b, err)
	listener, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	must(b, err)
	must(b, listener.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
	must(b, listener.Listen(128))
	route, err := host.NewRoute(RouteConfig{Socket: listener, Plugin: plugin, Limits: Limits{FirstByte: -1}})
	must(b, err)
	b.Cleanup(func() {
		must(b, route.Drain(context.Background()))
		must(b, host.Close())
	})
	return route, network
}

// benchInstance is a new instance, which the caller closes.
func (r *Route) benchInstance(b *testing.B) *instance {
	g := r.guest(&visit{version: r.current}, &lines{route: r})
	must(b, g.instantiate())
	return g
}

// engineAlone compiles a file as it is, with functions that do nothing.
func engineAlone(b *testing.B, file []byte) (wazero.Runtime, wazero.CompiledModule) {
	b.Helper()
	ctx := context.Background()
	r := wazero.NewRuntime(ctx)
	b.Cleanup(func() { must(b, r.Close(ctx)) })
	wasi_snapshot_preview1.MustInstantiate(ctx, r)
	compiled, err := r.CompileModule(ctx, file)
	must(b, err)
	socket := r.NewHostModuleBuilder(core.Module)
	for _, f := range compiled.ImportedFunctions() {
		if module, name, _ := f.Import(); module == core.Module {
			none := api.GoModuleFunc(func(_ context.Context, _ api.Module, stack []uint64) { stack[0] = 0 })
			socket.NewFunctionBuilder().WithGoModuleFunction(none, f.ParamTypes(), f.ResultTypes()).Export(name)
		}
	}
	_, err = socket.Instantiate(ctx)
	must(b, err)
	return r, compiled
}

// BenchmarkInstantiate makes an instance that is ready to serve, and ends it:
// as the engine does, and from a snapshot while no vessel waits.
func BenchmarkInstantiate(b *testing.B) {
	for _, name := range bundledGuests {
		file := benchFile(b, name)
		b.Run(name+"/engine alone", func(b *testing.B) {
			r, compiled := engineAlone(b, file)
			config := wazero.NewModuleConfig().WithName("").WithStartFunctions("_initialize")
			for b.Loop() {
				module, err := r.InstantiateModule(context.Background(), compiled, config)
				must(b, err)
				must(b, module.Close(context.Background()))
			}
		})
		b.Run(name+"/from a snapshot", func(b *testing.B) {
			route, _ := benchRoute(b, name, file)
			for b.Loop() {
				route.benchInstance(b).close() // not sound: its vessel is not kept
			}
		})
		b.Run(name+"/a vessel that waits", func(b *testing.B) {
			route, _ := benchRoute(b, name, file)
			for b.Loop() {
				g := route.benchInstance(b)
				g.sound = true
				g.close()
			}
		})
	}
}

// BenchmarkLoad loads a plugin that is in the cache, beside the engine that
// finds the same in its own, and checks no more of it than that does.
func BenchmarkLoad(b *testing.B) {
	for _, name := range bundledGuests {
		file := benchFile(b, name)
		b.Run(name+"/engine alone", func(b *testing.B) {
			ctx := context.Background()
			made, err := Config{}.prepare(file)
			must(b, err)
			dir := b.TempDir()
			must(b, Compile(ctx, dir, made.module))
			cache, err := wazero.NewCompilationCacheWithDir(dir)
			must(b, err)
			r := wazero.NewRuntimeWithConfig(ctx, engineConfig().WithCompilationCache(cache))
			for b.Loop() {
				compiled, err := compileModule(ctx, r, made.module)
				must(b, err)
				must(b, compiled.Close(ctx))
			}
			must(b, r.Close(ctx))
			must(b, cache.Close(ctx))
		})
		b.Run(name+"/from the cache", func(b *testing.B) {
			cache, err := codecache.New()
			must(b, err)
			must(b, cache.Keep(b.TempDir()))
			host, err := New(Config{Network: &memnet.Network{}, Cache: cache})
			must(b, err)
			load := func() {
				plugin, err := host.Load(context.Background(), name, file)
				must(b, err)
				must(b, plugin.Close())
			}
			load()
			for b.Loop() {
				load()
			}
			must(b, host.Close())
			must(b, cache.Close())
		})
	}
}

// onePing is a connection that receives so many bytes and then its end, without
// a network.
type onePing struct {
	core.Socket
	left int
	each int // most of one recv; 0 for any number
}

func (s *onePing) Recv(p []byte, _ int) (int, error) {
	n := min(s.left, len(p))
	if s.each > 0 {
		n = min(n, s.each)
	}
	s.left -= n
	return n, nil
}

func (s *onePing) Send(p []byte, _ int) (int, error)        { return len(p), nil }
func (s *onePing) SendAll([]byte, int) error                { return nil }
func (s *onePing) Close() error                             { return nil }
func (s *onePing) SetTimeout(time.Duration) error           { return nil }
func (s *onePing) GetTimeout() (time.Duration, error)       { return core.Blocking, nil }
func (s *onePing) SetSockOpt(int, int, []byte) error        { return nil }
func (s *onePing) GetSockOpt(int, int, []byte) (int, error) { return 0, core.ENOPROTOOPT }
func (s *onePing) GetPeerName() (netip.AddrPort, error)     { return netip.AddrPort{}, nil }
func (s *onePing) SetCanceled(bool)                         {}

// BenchmarkHostCall has a guest call the host again and again: a call that does
// next to nothing, beside one of the engine's that does nothing, and a recv and
// a send of 64 bytes of a socket that has no network. Times are of one call.
func BenchmarkHostCall(b *testing.B) {
	const calls = 1000
	again := func(body ...[]byte) []byte { // n times, where n is the parameter
		return code([]byte{0x03, 0x40}, code(body...), drop,
			param0, i32Const(1), []byte{0x6b, 0x22, 0, 0x0d, 0, 0x0b}, i32Const(0))
	}
	fileno := handlerOf(again(i32Const(3), callFunc(0)), hostFunction("fileno"))
	moves := code(i32Const(3), i32Const(bufferAt), i32Const(64), i32Const(0))
	recvSend := handlerOf(again(moves, callFunc(0), drop, moves, callFunc(1)), hostFunction("recv"), hostFunction("send"))
	b.Run("engine alone", func(b *testing.B) {
		r, compiled := engineAlone(b, fileno)
		module, err := r.InstantiateModule(context.Background(), compiled, wazero.NewModuleConfig())
		must(b, err)
		handle := module.ExportedFunction("handle")
		for b.Loop() {
			_, err := handle.Call(context.Background(), calls)
			must(b, err)
		}
		b.ReportMetric(float64(b.Elapsed())/float64(b.N)/calls, "ns/call")
	})
	for name, file := range map[string][]byte{"fileno": fileno, "recv and send": recvSend} {
		b.Run(name, func(b *testing.B) {
			route, _ := benchRoute(b, name, file)
			g := route.benchInstance(b)
			defer g.close()
			ping := &onePing{}
			g.table.add(descriptor{socket: ping})
			for b.Loop() {
				ping.left = 64 * calls
				if _, err := g.call("handle", calls); err != nil {
					b.Fatal(ending(err))
				}
			}
			per := float64(calls)
			if name != "fileno" {
				per *= 2
			}
			b.ReportMetric(float64(b.Elapsed())/float64(b.N)/per, "ns/call")
		})
	}
}

// BenchmarkFirstByte is from a connect to the first byte of an answer, over a
// network in memory: of a server that is a goroutine and a buffer, and of the
// handlers.
func BenchmarkFirstByte(b *testing.B) {
	b.Run("native", func(b *testing.B) {
		network := &memnet.Network{}
		listener, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
		must(b, err)
		must(b, listener.Bind(netip.MustParseAddrPort("127.0.0.1:0")))
		must(b, listener.Listen(128))
		served := make(chan struct{})
		go func() {
			defer close(served)
			for {
				conn, _, err := listener.Accept()
				if err != nil {
					return
				}
				go echoAll(conn)
			}
		}()
		firstBytes(b, network, listener)
		listener.SetCanceled(true)
		<-served
		must(b, listener.Close())
	})
	for _, name := range bundledGuests {
		b.Run(name, func(b *testing.B) {
			route, network := benchRoute(b, name, benchFile(b, name))
			served := make(chan error, 1)
			go func() { served <- route.Serve() }()
			firstBytes(b, network, route.Socket)
			must(b, route.Drain(context.Background()))
			must(b, <-served)
		})
	}
}

func echoAll(conn core.Socket) {
	defer conn.Close()
	buf := make([]byte, 1024)
	for {
		n, err := conn.Recv(buf, 0)
		if n == 0 || err != nil || conn.SendAll(buf[:n], 0) != nil {
			return
		}
	}
}

func firstBytes(b *testing.B, network *memnet.Network, listener core.Socket) {
	address, err := listener.GetSockName()
	must(b, err)
	p := make([]byte, 1)
	for b.Loop() {
		c, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
		must(b, err)
		must(b, c.SetTimeout(patience))
		must(b, c.Connect(address))
		p[0] = 'A'
		must(b, c.SendAll(p, 0))
		if n, err := c.Recv(p, 0); n != 1 || err != nil {
			b.Fatalf("%d bytes, %v", n, err)
		}
		must(b, c.Close())
	}
}
