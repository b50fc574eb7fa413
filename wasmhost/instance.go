package wasmhost

import (
	"context"
	"io"
	"sync/atomic"
	"time"

	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost/image"
)

// settings are what one guest is given: the part of a connection or a program
// that its instance needs.
type settings struct {
	plugin         *Plugin
	snapshot       *snapshot // nil: the instance initializes itself
	args, env      []string
	stdin          io.Reader // nil: at its end
	stdout, stderr writer
	grants         core.Grants
	limits         *Limits // complete, and not to be changed; nil: the host's
	space          *space  // nil: to be made
	seed           *uint64 // nil: chance and time are real
	denied         func(call, address, allow string)
}

// writer is a guest's standard output or standard error: [output] to the log,
// or [sink] to a stream of the host's.
type writer interface {
	write(p []byte, done <-chan struct{}) (int, error)
	close() // no write comes after
}

// instance is one guest at work. Its fields belong to the goroutine that made
// it, but for stopped, done and the table's lock, by which another goroutine
// can stop it, and for what is counted atomically.
//
// It is the context of every call into the guest, so that a host function
// finds its instance without searching: see instanceOf.
type instance struct {
	settings
	host *Host
	vessel
	values context.Context // nil, or with what the engine asks its caller's for
	sound  bool            // the guest came to its end as it should

	table        table
	input        *input
	buffers      [][]byte // iovecs' room
	resolved     resolutions
	lookUps      allowance
	denials      []denial
	founds       bool  // a snapshot is to be taken of it
	initializing bool  // no socket call but strerror
	drawn        int64 // random bytes, while it did

	gauge  gauge
	seeded *seeded // nil: chance and time are real

	received, sent atomic.Int64 // bytes its sockets moved: written by the owner alone

	copied    atomic.Pointer[image.Copy] // its memory, where that began from an image
	busy      atomic.Bool                // a call into the guest is under way
	stopped   atomic.Pointer[Stopped]    // why it was canceled; nil while it was not
	blameless atomic.Bool                // stopped by a limit that need not be the plugin's fault
	done      chan struct{}
	atCancel  afterFuncs
}

// newInstance makes an instance that has everything but its module. The
// caller closes it.
func (h *Host) newInstance(s settings) *instance {
	g := &instance{settings: s, host: h, done: make(chan struct{}), initializing: true}
	if g.limits == nil {
		g.limits = &h.config.Limits
	}
	if g.space == nil {
		g.space = h.newSpace(g.plugin, g.snapshot, g.limits)
	}
	g.table.init(g.limits.Sockets)
	if s.seed != nil {
		g.seeded = newSeeded(*s.seed)
	}
	if s.stdin != nil {
		g.input = newInput(s.stdin)
	}
	if s.stdout == nil {
		g.stdout = newSink(nil)
	}
	if s.stderr == nil {
		g.stderr = newSink(nil)
	}
	return g
}

// call calls an exported function, unless the instance was canceled. Two calls
// at once would break the engine: the second is errBusy.
func (g *instance) call(name string, params ...uint64) ([]uint64, error) {
	if !g.busy.CompareAndSwap(false, true) {
		return nil, errBusy
	}
	defer g.busy.Store(false)
	if stopped := g.stopped.Load(); stopped != nil {
		return nil, stopped
	}
	g.fill()
	results, err := g.function(name).Call(g, params...)
	g.gauge.giveTurn(g)
	if err == nil {
		err = g.overspent(g.used())
	}
	return results, err
}

// instantiate brings the instance to where its work begins.
func (g *instance) instantiate() error {
	if stopped := g.stopped.Load(); stopped != nil {
		return stopped
	}
	if g.snapshot != nil {
		return g.resume(g.snapshot)
	}
	return g.initialize()
}

// close gives back all that is open and frees the guest's memory. Only the
// owner may call it, and only when no call into the guest is under way.
func (g *instance) close() {
	g.table.closeAll()
	g.input.close()
	g.stdout.close()
	g.stderr.close()
	if g.module != nil && !(g.sound && g.snapshot != nil && g.snapshot.put(g.vessel)) {
		closeModule(g.module)
	}
	g.space.leave()
}

// closeModule frees a module's memory: no call into it may be under way.
func closeModule(module api.Module) { module.Close(context.Background()) }

// cancel stops the instance for no fault of its own. It may be called from any
// goroutine, and twice.
func (g *instance) cancel() { g.stop(errStopped) }

// stop ends the instance: the host call it waits in, and every one it makes
// from now on. The first reason stays. It may be called from any goroutine.
func (g *instance) stop(why *Stopped) {
	if g.stopped.CompareAndSwap(nil, why) {
		close(g.done)
		g.table.cancel()
		g.atCancel.run()
	}
}

// stopAt ends the instance at a limit of time or of bytes.
func (g *instance) stopAt(reason string) {
	g.blameless.Store(true)
	g.stop(&Stopped{reason})
}

// instanceOf returns the instance a host function is called for.
func instanceOf(ctx context.Context, module api.Module) *instance {
	g := ctx.(*instance)
	if g.module == nil {
		g.adopt(module)
	}
	return g
}

// Deadline, Done, Err and Value make the instance the context of its calls.

func (g *instance) Deadline() (time.Time, bool) { return time.Time{}, false }
func (g *instance) Done() <-chan struct{}       { return g.done }

// Value has what is needed while the module is instantiated.
func (g *instance) Value(key any) any {
	if g.values == nil {
		return nil
	}
	return g.values.Value(key)
}

func (g *instance) Err() error {
	if g.stopped.Load() != nil {
		return context.Canceled
	}
	return nil
}
