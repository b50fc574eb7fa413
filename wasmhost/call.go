package wasmhost

import (
	"context"
	"math"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/core"
)

// call is a socket call's implementation: what a success returns, or the
// error. The parameters are those of its row in core.Calls.
type call func(g *instance, a args) (int32, error)

// socketCalls has an implementation for each row of core.Calls, but for
// gettimeout, the one that returns an f64.
var socketCalls = map[string]call{
	"socket":      makeSocket,
	"bind":        bind,
	"listen":      listen,
	"accept":      accept,
	"connect":     connect,
	"connect_ex":  connectEx,
	"recv":        recv,
	"recvfrom":    recvFrom,
	"send":        send,
	"sendall":     sendAll,
	"sendto":      sendTo,
	"settimeout":  setTimeout,
	"setblocking": setBlocking,
	"getpeername": getPeerName,
	"getsockname": getSockName,
	"fileno":      fileno,
	"shutdown":    shutdown,
	"close":       closeDescriptor,
	"setsockopt":  setSockOpt,
	"getsockopt":  getSockOpt,
	"poll":        poll,
	"getaddrinfo": getAddrInfo,
	"strerror":    strerror,
}

// exportSocket registers the module of the guest contract, from its table.
func (h *Host) exportSocket(ctx context.Context, r wazero.Runtime) error {
	module := r.NewHostModuleBuilder(core.Module)
	for _, c := range core.Calls {
		function := socketFunction(c)
		params := make([]api.ValueType, len(c.Params))
		for i, p := range c.Params {
			params[i] = valueType(p.Kind == core.Seconds)
		}
		module.NewFunctionBuilder().
			WithGoModuleFunction(function, params, []api.ValueType{valueType(c.Float)}).
			Export(c.Name)
	}
	_, err := module.Instantiate(ctx)
	return err
}

func valueType(float bool) api.ValueType {
	if float {
		return api.ValueTypeF64
	}
	return api.ValueTypeI32
}

func socketFunction(c core.Call) api.GoModuleFunc {
	if c.Float {
		return getTimeout
	}
	implementation := socketCalls[c.Name]
	return func(ctx context.Context, module api.Module, stack []uint64) {
		g := instanceOf(ctx, module)
		g.begin()
		if g.initializing && !c.Early {
			stack[0] = failure(core.EPERM)
			return
		}
		n, err := implementation(g, stack)
		g.end()
		if err != nil {
			stack[0] = failure(core.AsErrno(err))
			return
		}
		stack[0] = uint64(uint32(n))
	}
}

func failure(e core.Errno) uint64 { return uint64(uint32(-e)) }

// begin and end are what every host call begins and ends with.
func (g *instance) begin() {
	g.checkCall()
	g.called()
}

func (g *instance) end() {
	g.checkCall()
	g.returns()
}

// check ends an instance that was stopped, so that no guest instruction runs
// after a stop.
func (g *instance) check() {
	if stopped := g.stopped.Load(); stopped != nil {
		panic(stopped)
	}
}

// checkCall is check for a host call. Without [DefenceCancel] one that waits
// is ECANCELED, and the guest goes on.
func (g *instance) checkCall() {
	if !g.host.config.Without.has(DefenceCancel) {
		g.check()
	}
}

// getTimeout is the call whose result is an f64: NaN stands for an error.
func getTimeout(ctx context.Context, module api.Module, stack []uint64) {
	g := instanceOf(ctx, module)
	g.begin()
	seconds := math.NaN()
	if d, err := g.table.socket(args(stack).i32(0)); err == nil && !g.initializing {
		if timeout, err := d.socket.GetTimeout(); err == nil {
			seconds = core.TimeoutSeconds(timeout)
		}
	}
	g.end()
	stack[0] = math.Float64bits(seconds)
}
