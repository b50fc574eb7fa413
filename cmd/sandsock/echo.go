package main

import (
	"bytes"
	"context"
	"errors"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/plugins/notes"
	"github.com/sandsock/sandsock/wasmhost"
)

// echoLimit bounds the exercise, which takes milliseconds.
const echoLimit = 10 * time.Second

func newEcho(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "echo",
		Short: "the echo exercise, call by call",
		Example: `  sandsock echo              a client, a sandboxed server, and every call they make
  NO_COLOR=1 sandsock echo   the same without colours`,
		Long: `the server's handler is the bundled ` + plugins.Default + `, run in the sandbox; its calls are the host's own.
listens on ` + defaultEndpoint + `, or on a free port where that one is taken`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return a.echo() },
	}
}

// exercise is one run of the echo exercise in this process.
type exercise struct {
	app    *app
	ctx    context.Context
	trace  *recorder
	once   sync.Once
	ended  chan struct{}                   // closed when the handler has ended
	failed atomic.Pointer[wasmhost.Report] // how, where that was not well

	host    *wasmhost.Host
	plugin  *wasmhost.Plugin
	network core.Network // the server's
	address netip.AddrPort
	printed bytes.Buffer // what the client prints
}

func (a *app) echo() error {
	ctx, cancel := context.WithTimeoutCause(a.drain, echoLimit, errEchoLimit)
	defer cancel()
	e := &exercise{app: a, ctx: ctx, trace: newRecorder(), ended: make(chan struct{})}
	e.network = core.Trace(until{a.network, ctx}, e.trace.of(server))
	if err := e.run(); err != nil {
		return e.explained(err)
	}
	return a.showEcho(e)
}

var errEchoLimit = errors.New("the exercise took more than " + echoLimit.String())

// explained puts why the exercise was stopped before what came of that.
func (e *exercise) explained(err error) error {
	if e.ctx.Err() != nil {
		return context.Cause(e.ctx)
	}
	return err
}

func (e *exercise) run() (err error) {
	e.host, err = wasmhost.New(wasmhost.Config{Network: e.network, Report: e.report})
	if err != nil {
		return err
	}
	defer e.host.Close()
	file, err := readPlugin(plugins.Default)
	if err != nil {
		return err
	}
	e.plugin, err = e.host.Load(e.ctx, plugins.Default+".wasm", file)
	if err != nil {
		return refused(plugins.Default, file, err)
	}
	return e.serve()
}

// report remembers how the handler ended.
func (e *exercise) report(r wasmhost.Report) {
	switch r.Event {
	case wasmhost.EventFailed:
		e.failed.CompareAndSwap(nil, &r)
	case wasmhost.EventClosed, wasmhost.EventStopped:
	default:
		return
	}
	e.once.Do(func() { close(e.ended) })
}

// serve listens, lets the client talk to the handler, and ends when both have.
func (e *exercise) serve() error {
	socket, err := e.listen()
	if err != nil {
		return &failure{code: exitFailed, text: "the server cannot listen: " + pythonText(err)}
	}
	route, err := e.host.NewRoute(wasmhost.RouteConfig{
		Name: routeName(core.SOCK_STREAM, e.address), Socket: onlyOne{socket}, Plugin: e.plugin,
	})
	if err != nil {
		_ = socket.Close()
		return err
	}
	served := make(chan error, 1)
	go func() { served <- route.Serve() }()
	err = e.converse()
	if drained := route.Drain(e.ctx); err == nil {
		err = drained
	}
	if stopped := <-served; err == nil {
		err = stopped
	}
	if failed := e.failed.Load(); failed != nil { // which explains the client's errors
		err = errors.New("the handler failed: " + failed.Error)
	}
	return err
}

// onlyOne is the listener of an exercise that has one client. Nobody waits in its
// queue when it drains, and what a server does for those is none of the notes'
// calls.
type onlyOne struct{ core.Socket }

func (onlyOne) SetTimeout(time.Duration) error { return core.EINVAL }

// converse runs the client once the server waits for it, and returns when the
// handler has seen the client leave.
func (e *exercise) converse() error {
	select {
	case <-e.trace.accepting:
	case <-e.ctx.Done():
		return context.Cause(e.ctx)
	}
	if err := e.client(); err != nil {
		return err
	}
	select {
	case <-e.ended:
		return nil
	case <-e.ctx.Done():
		return context.Cause(e.ctx)
	}
}

func (e *exercise) client() error {
	network := core.Trace(until{e.app.network, e.ctx}, e.trace.of(client))
	port := strconv.Itoa(int(e.address.Port()))
	if err := notes.Client(network, "localhost:"+port, &e.printed); err != nil {
		return &failure{code: exitFailed, text: "the client failed: " + pythonText(err)}
	}
	return nil
}

// listen makes the server's socket as the notes do, with the backlog they
// explain. The error is that of the call that failed.
func (e *exercise) listen() (core.Socket, error) {
	s, err := e.network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return nil, err
	}
	if err = e.bind(s); err == nil {
		err = s.Listen(5)
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

func (e *exercise) bind(s core.Socket) (err error) {
	e.address, err = core.ResolveAddress(e.ctx, e.network, core.AF_INET, defaultEndpoint)
	if err != nil {
		return err
	}
	if err = s.Bind(e.address); err != core.EADDRINUSE {
		return err
	}
	taken := e.address.Port()
	if err = s.Bind(netip.AddrPortFrom(e.address.Addr(), 0)); err != nil {
		return err
	}
	e.address, err = s.GetSockName()
	e.app.say("port %d is taken, so the server listens on %d", taken, e.address.Port())
	return err
}

// showEcho prints the session: what happened, what the client printed, and
// what it came to.
func (a *app) showEcho(e *exercise) error {
	a.print("server  %s (%d bytes, sandboxed) listening on %s\n", e.plugin.Name(), e.plugin.Size(), core.PyAddress(e.address))
	calls := e.trace.finished()
	a.print("%s", timeline(calls, e.plugin.Name(), a.onOut))
	a.out.Write(e.printed.Bytes())
	sum := plural(len(calls), "call") + ", " + plural(received(calls), "byte") + ", "
	if open := leftOpen(calls); open > 0 {
		return &failure{code: exitFailed, text: sum + plural(open, "socket") + " left open"}
	}
	a.print("%s", a.onOut.good(sum+"nothing left open"))
	a.nextAfterEcho(e.address)
	return nil
}

// nextAfterEcho does not send anybody to a port that is taken.
func (a *app) nextAfterEcho(address netip.AddrPort) {
	if typed(address) == defaultEndpoint {
		a.next("sandsock serve "+plugins.Default, "then, in a second terminal: sandsock talk "+defaultEndpoint)
		return
	}
	a.next("sandsock serve "+plugins.Default+" --listen localhost:0", "then, in a second terminal, what it says")
}
