package wasmhost

import (
	"crypto/rand"
	"runtime"
	"time"

	"github.com/sandsock/sandsock/core"
)

// WASI's calls about the process: arguments, environment, clocks, random.

func argsGet(g *instance, a args) error {
	return g.storeStrings(g.args, a.u32(0), a.u32(1))
}

func argsSizesGet(g *instance, a args) error {
	return g.storeU32s(a.u32(0), uint32(len(g.args)), a.u32(1), stringsSize(g.args))
}

func environGet(g *instance, a args) error {
	return g.storeStrings(g.env, a.u32(0), a.u32(1))
}

func environSizesGet(g *instance, a args) error {
	return g.storeU32s(a.u32(0), uint32(len(g.env)), a.u32(1), stringsSize(g.env))
}

// The clocks. A guest's processor-time clocks are its wall clock: it waits in
// host calls, and has no thread of its own.
const (
	clockRealtime  = 0
	clockMonotonic = 1
	clockLast      = 3
)

func (g *instance) now(clock uint32) (uint64, error) {
	switch {
	case g.seeded != nil && clock <= clockLast:
		return g.seededNow(clock), nil
	case clock == clockRealtime:
		return uint64(time.Now().UnixNano()), nil
	case clock <= clockLast:
		return uint64(time.Since(g.host.started)) + 1, nil
	}
	return 0, core.EINVAL
}

func clockTimeGet(g *instance, a args) error {
	now, err := g.now(a.u32(0))
	if err != nil {
		return err
	}
	return g.storeU64(a.u32(2), now)
}

func clockResGet(g *instance, a args) error {
	if a.u32(0) > clockLast {
		return core.EINVAL
	}
	return g.storeU64(a.u32(1), 1)
}

func randomGet(g *instance, a args) error {
	buf, err := g.bytes(a.u32(0), a.u32(1))
	if err != nil {
		return err
	}
	g.pay(len(buf))
	if g.initializing {
		g.drawn += int64(len(buf))
	}
	if g.seeded != nil {
		g.seeded.random.Read(buf)
		return nil
	}
	rand.Read(buf) // never fails: it ends the process first
	return nil
}

func schedYield(*instance, args) error {
	runtime.Gosched()
	return nil
}
