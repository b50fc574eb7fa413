package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// This file is a host in a process of its own, for tests whose failure is that
// the process freezes or dies. It is told what to serve, and then what to do,
// by lines of JSON on standard input, and tells what happens by lines on
// standard output. hostprocess_linux_test.go is the other end.

// hostSpec is what such a host serves.
type hostSpec struct {
	Without wasmhost.Defences
	Limits  wasmhost.Limits
	Routes  []routeSpec
	Faulty  bool   // receiving from a client panics
	Files   uint64 // descriptors it may have; 0: as many as the test
	Budget  int64  // of memory, for all handlers; 0: the default
	// Compile says that plugins are compiled in processes of their own, under
	// these limits; in the host's where it is nil.
	Compile *compileSpec
	Cache   string // the folder where they are kept compiled; with Compile only
}

type compileSpec struct {
	Memory int64
	Wall   time.Duration
	Bounds module.Bounds // of what is admitted
}

// routeSpec is a handler, or a program that order.Run starts.
type routeSpec struct {
	Name    string
	File    []byte
	Program bool
}

// order is what the host is to do; each has one answer, of its number.
type order struct {
	Number  int
	Collect bool     // garbage
	Run     string   // the program of that name
	Load    [][]byte // files, each for a moment
	Serve   []byte   // a file, for a moment and nobody
	Try     string   // the path of a file, loaded for a moment
	Cut     bool     // all routes but the last, at once
	Close   bool     // the last too, and the host
	Measure bool     // what is in use
	Swap    []byte   // the first route's handler, for this file
}

// told is a line of the host's: an answer, or a report.
type told struct {
	Number  int      // of the order; 0 of the spec
	Serving []string // the addresses of the handlers, in the answer to the spec
	Refused string   // why it was not done
	Reason  string   // why the file was not served
	Took    time.Duration
	In      resourcesInUse
	Report  *wasmhost.Report
}

type resourcesInUse struct{ Goroutines, Descriptors, Open, Loaded int }

func init() { children["host"] = faultHost }

// faultHost ends when its standard input does. Should it freeze and nobody be
// left to end it, the kernel does.
func faultHost() {
	const seconds = 300
	_ = syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: seconds, Max: seconds})
	h := &faultyHost{out: json.NewEncoder(os.Stdout), plugins: map[string]*wasmhost.Plugin{}}
	// Orders are waited for by the poller and not by a thread in read(2), which
	// could hold up the collections that they ask for: see wasmhost/RATIONALE.md.
	_ = syscall.SetNonblock(0, true)
	in := json.NewDecoder(bufio.NewReader(os.NewFile(0, "stdin")))
	var spec hostSpec
	if err := in.Decode(&spec); err != nil {
		return
	}
	if spec.Files > 0 {
		_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: spec.Files, Max: spec.Files})
	}
	addresses, err := h.serve(spec)
	h.tell(told{Serving: addresses, Refused: textOf(err)})
	for {
		var o order
		if in.Decode(&o) != nil {
			return
		}
		go func() {
			began := time.Now()
			reason, err := h.do(o)
			h.tell(told{Number: o.Number, Reason: reason, Took: time.Since(began), Refused: textOf(err), In: h.inUse()})
		}()
	}
}

type faultyHost struct {
	network core.Network
	host    *compilingHost
	plugins map[string]*wasmhost.Plugin
	routes  []*wasmhost.Route

	mu   sync.Mutex
	out  *json.Encoder
	open int // connections at work
}

func (h *faultyHost) tell(t told) {
	h.mu.Lock()
	defer h.mu.Unlock()
	_ = h.out.Encode(t)
}

func (h *faultyHost) report(r wasmhost.Report) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch r.Event {
	case wasmhost.EventConnected:
		h.open++
	case wasmhost.EventClosed, wasmhost.EventFailed, wasmhost.EventStopped:
		h.open--
	}
	_ = h.out.Encode(told{Report: &r})
}

func (h *faultyHost) inUse() resourcesInUse {
	descriptors, _ := os.ReadDir("/proc/self/fd")
	h.mu.Lock()
	defer h.mu.Unlock()
	return resourcesInUse{runtime.NumGoroutine(), len(descriptors), h.open, h.host.Loaded()}
}

func (h *faultyHost) serve(spec hostSpec) (addresses []string, err error) {
	h.network = native.Network{}
	if spec.Faulty {
		h.network = faulty{h.network}
	}
	boundGarbage(spec.Budget)
	config := wasmhost.Config{Network: h.network, Report: h.report, Limits: spec.Limits, Budget: spec.Budget, Without: spec.Without}
	if c := spec.Compile; c != nil {
		config.Bounds = c.Bounds
		h.host, err = hostWith(config, compiler{memory: c.Memory, wall: c.Wall}, cacheFlags{dir: spec.Cache, none: spec.Cache == ""})
	} else {
		h.host, err = hostAlone(config)
	}
	for _, r := range spec.Routes {
		if err == nil {
			h.plugins[r.Name], err = h.host.Load(context.Background(), r.Name, r.File)
		}
		if err == nil && !r.Program {
			var address string
			address, err = h.route(r.Name)
			addresses = append(addresses, address)
		}
	}
	return addresses, err
}

func (h *faultyHost) route(name string) (string, error) {
	socket, err := h.network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return "", err
	}
	address, err := listen(socket, netip.MustParseAddrPort("127.0.0.1:0"), 1024)
	if err != nil {
		return "", err
	}
	route, err := h.host.NewRoute(wasmhost.RouteConfig{Name: name, Socket: socket, Plugin: h.plugins[name]})
	if err != nil {
		return "", err
	}
	h.routes = append(h.routes, route)
	go func() { _ = route.Serve() }()
	return address.String(), nil
}

func (h *faultyHost) do(o order) (reason string, err error) {
	switch {
	case o.Collect:
		runtime.GC()
	case o.Measure:
		debug.FreeOSMemory()
	case o.Swap != nil:
		return h.swaps(o.Swap)
	case o.Serve != nil:
		return h.serves(o.Serve)
	case o.Load != nil:
		err = h.loads(o.Load)
	case o.Try != "":
		return h.tries(o.Try)
	case o.Run != "":
		_, err = h.host.Run(context.Background(), wasmhost.Program{Plugin: h.plugins[o.Run]})
	case o.Cut:
		h.cut(h.routes[:len(h.routes)-1])
	case o.Close:
		h.cut(h.routes)
		err = h.host.Close()
	}
	return reason, err
}

// loads fails where a file is refused otherwise than as a plugin is.
func (h *faultyHost) loads(files [][]byte) error {
	for _, file := range files {
		plugin, err := h.host.Load(context.Background(), "damaged", file)
		var refused *wasmhost.LoadError
		switch {
		case err == nil:
			err = plugin.Close()
		case errors.As(err, &refused):
			err = nil
		}
		if err != nil {
			return fmt.Errorf("% x: %w", file, err)
		}
	}
	return nil
}

// serves begins to serve a file, and returns why it is refused where it is.
func (h *faultyHost) serves(file []byte) (reason string, err error) {
	plugin, err := h.host.Load(context.Background(), "late", file)
	if err != nil {
		return "", err
	}
	socket, err := h.network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return "", err
	}
	defer socket.Close()
	_, err = h.host.NewRoute(wasmhost.RouteConfig{Name: "late", Socket: socket, Plugin: plugin})
	var refused *wasmhost.LoadError
	if errors.As(err, &refused) {
		return refused.Reason, plugin.Close()
	}
	return "", err
}

// swaps gives the first route another handler, or returns why it is refused.
func (h *faultyHost) swaps(file []byte) (reason string, err error) {
	_ = h.plugins[h.routes[0].Name].Close() // the route holds it, as long as it is served
	plugin, err := h.host.Load(context.Background(), "swapped", file)
	if err == nil {
		defer plugin.Close()
		_, err = h.routes[0].Swap(context.Background(), plugin)
	}
	var refused *wasmhost.LoadError
	if errors.As(err, &refused) {
		return refused.Reason, nil
	}
	return "", err
}

// tries loads a file, and returns why it is refused where it is.
func (h *faultyHost) tries(path string) (reason string, err error) {
	file, err := os.ReadFile(path)
	if err != nil {
		return "", err
	}
	plugin, err := h.host.Load(context.Background(), "bomb", file)
	var refused *wasmhost.LoadError
	switch {
	case err == nil:
		return "", plugin.Close()
	case errors.As(err, &refused):
		return refused.Reason, nil
	}
	return "", err
}

func (h *faultyHost) cut(routes []*wasmhost.Route) {
	now, cancel := context.WithCancel(context.Background())
	cancel()
	var all sync.WaitGroup
	for _, r := range routes {
		all.Go(func() { _ = r.Drain(now) })
	}
	all.Wait()
}

// faulty is a network with a bug: a client that sends n makes receiving fail
// as an error of Go's runtime, one that sends p as a panic of another kind.
type faulty struct{ core.Network }

func (f faulty) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	s, err := f.Network.Socket(family, typ, proto)
	return faultySocket{s}, err
}

type faultySocket struct{ core.Socket }

func (f faultySocket) Accept() (core.Socket, netip.AddrPort, error) {
	s, peer, err := f.Socket.Accept()
	return faultySocket{s}, peer, err
}

func (f faultySocket) Recv(p []byte, flags int) (int, error) {
	n, err := f.Socket.Recv(p, flags)
	if n == 1 && p[0] == 'n' {
		_ = p[:0][n] // out of range
	}
	if n == 1 && p[0] == 'p' {
		panic(errors.New("injected"))
	}
	return n, err
}
