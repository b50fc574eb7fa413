package wasmhost

import (
	"context"
	"errors"
	"fmt"
	"math"
	"strconv"

	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/wasmhost/meter"
)

// This file is the host's side of package meter: it gives an instance fuel, a
// slice at a time, and is asked for more. That is also where a guest that
// computes is stopped, and where it waits for its turn: until then it is native
// code that nothing can interrupt.

// slice is how much fuel an instance gets at a time: some fifty microseconds
// of instructions, up to a few milliseconds where each of them misses the
// cache.
const slice = 100_000

// callCost is what every host call costs beside the bytes it moves: about what
// it takes, in instructions.
const callCost = 64

// gauge is what an instance has used.
type gauge struct {
	given   int64 // fuel, in all slices
	paid    int64 // by host calls, not by the global
	settled int64 // paid when the limits were last looked at
	calls   uint64
	seen    uint64 // calls at the last tick
	between int64  // given since a host call was seen
	turn    bool   // holds one of the host's turns
}

// fill gives the first slice of a call into the guest, for which it needs no
// turn.
func (g *instance) fill() {
	if g.fuel != nil {
		left := int64(g.fuel.Get())
		g.fuel.Set(uint64(g.more(left)))
	}
}

// more returns the fuel to go on with: a slice, or what is left to the limit,
// so that a guest that goes beyond it is there at once.
func (g *instance) more(left int64) int64 {
	u := &g.gauge
	fuel := int64(slice)
	if limit := g.limits.Fuel; limit >= 0 {
		fuel = min(fuel, limit-(u.given-left+u.paid))
	}
	u.given += fuel - left
	return fuel
}

// used is all fuel the instance has used.
func (g *instance) used() int64 {
	u := &g.gauge
	if g.fuel == nil {
		return u.paid
	}
	return u.given - int64(g.fuel.Get()) + u.paid
}

// tick is called by a guest whose fuel or stack is below zero.
func tick(ctx context.Context, module api.Module, stack []uint64) {
	g := instanceOf(ctx, module)
	g.check()
	if int64(g.stack.Get()) < 0 && !g.deepen() {
		panic(errStackOverflow)
	}
	left := int64(stack[0])
	if left >= 0 { // it was only a look at the stack
		return
	}
	g.fuel.Set(stack[0]) // what a stopped guest has used
	g.settle(left, slice)
	g.gauge.takeTurn(g)
	g.check()
	stack[0] = uint64(g.more(left))
}

var errStackOverflow = errors.New("stack overflow")

// shallow is how much stack an instance begins with. Who needs more is noted:
// the engine never gives back what a stack has grown to, so a vessel that went
// deep does not keep its own while it waits.
func (g *instance) shallow() int64 { return min(g.limits.Stack, 64<<10) }

// deepen gives the rest of the stack, once, and reports whether that is enough.
func (g *instance) deepen() bool {
	if g.deep {
		return false
	}
	g.deep = true
	g.stack.Set(g.stack.Get() + uint64(g.limits.Stack-g.shallow()))
	return int64(g.stack.Get()) >= 0
}

// settle ends a guest that is over a limit of fuel. computed is what it used of
// it since it settled last, other than by host calls.
func (g *instance) settle(left, computed int64) {
	u := &g.gauge
	u.settled = u.paid
	if err := g.overspent(u.given - left + u.paid); err != nil {
		g.stop(err.(*Stopped))
	}
	if u.calls != u.seen {
		u.seen, u.between = u.calls, 0
	}
	u.between += computed
	if limit := g.limits.FuelBetween; limit >= 0 && u.between > limit {
		g.stop(&Stopped{fmt.Sprintf("computed without a call: %d of fuel is the limit", limit)})
	}
	g.check()
}

// overspent returns why a guest that used so much is to end, nil where it is
// within its limit.
func (g *instance) overspent(used int64) error {
	if limit := g.limits.Fuel; limit >= 0 && used > limit {
		return &Stopped{"used its " + strconv.FormatInt(limit, 10) + " of fuel"}
	}
	return nil
}

// pay charges a host call for the bytes it moved.
func (g *instance) pay(bytes int) { g.gauge.paid += meter.BytesCost(bytes) }

// called begins a host call: whoever waits in one holds no turn.
func (g *instance) called() {
	u := &g.gauge
	u.calls++
	u.paid += callCost
	if u.turn {
		u.giveTurn(g)
	}
}

// returns ends a host call: one that only calls, and computes nothing, is held
// to the limits too.
func (g *instance) returns() {
	u := &g.gauge
	if u.paid-u.settled < slice || g.fuel == nil {
		return
	}
	g.settle(int64(g.fuel.Get()), 0)
	u.takeTurn(g)
	u.giveTurn(g)
}

func (u *gauge) takeTurn(g *instance) {
	if g.host.turns == nil {
		return
	}
	if u.turn {
		u.turn = g.host.turns.pass(g.done)
	} else {
		u.turn = g.host.turns.take(g.done)
	}
}

func (u *gauge) giveTurn(g *instance) {
	if u.turn {
		u.turn = false
		g.host.turns.give()
	}
}

// exportTick registers the module that rewritten modules import.
func (h *Host) exportTick(ctx context.Context, r wazero.Runtime) error {
	module := r.NewHostModuleBuilder(meter.Module)
	i64 := api.ValueTypeI64
	module.NewFunctionBuilder().
		WithGoModuleFunction(api.GoModuleFunc(tick), []api.ValueType{i64, i64}, []api.ValueType{i64}).
		Export(meter.Tick)
	_, err := module.Instantiate(ctx)
	return err
}

// meterOptions leave out what the host does without.
func (c Config) meterOptions() meter.Options {
	o := meter.Options{
		TableEntries: maxTableEntries,
		DispatchFrom: dispatchFrom,
		WithoutFuel:  c.Without.has(DefenceFuel),
		WithoutStack: c.Without.has(DefenceStack),
	}
	if c.Without.has(DefenceMemory) {
		o.TableEntries = math.MaxInt32
	}
	return o
}

// dispatchFrom is how large a table has to be to cost an instance more than a
// call through it costs by a function: some 100 nanoseconds an entry.
const dispatchFrom = 64

// maxTableEntries is what the tables of one instance may have together, at
// eight bytes each. It is what module.Bounds lets them begin with.
const maxTableEntries = 200_000
