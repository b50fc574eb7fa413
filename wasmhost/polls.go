package wasmhost

import (
	"slices"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// This file makes Go's own net package work in a guest. Go's runtime never
// sets a descriptor it is given non-blocking, yet expects that it is: it
// reads until EAGAIN and then waits in poll_oneoff, where its timers and
// other goroutines get their turn; a read that waits in the host instead
// would hold them all up. So to a guest built by Go, a socket that blocks is
// non-blocking as far as WASI's calls go, and says so. The socket calls of
// the contract, which know timeouts, are the same for all.

// polls reports whether a module's WASI calls are of that kind.
func polls(m *module.Module) bool { return slices.Contains(m.Languages(), "Go") }

// hurry makes a WASI call on the socket find what is there and not wait, in a
// guest that polls: by a flag, or where a timeout overrides the flag by the
// mode. The caller calls restore when the call is over.
func (g *instance) hurry(s core.Socket) (flags int, restore func()) {
	if !g.plugin.facts.Polls {
		return 0, nothing
	}
	timeout, err := s.GetTimeout()
	if err != nil || timeout <= 0 {
		return core.MSG_DONTWAIT, nothing
	}
	s.SetTimeout(core.NonBlocking)
	return 0, func() { s.SetTimeout(timeout) }
}

func nothing() {}

// nonblocking reports whether WASI's calls on a socket do not wait.
func (g *instance) nonblocking(s core.Socket) bool {
	timeout, err := s.GetTimeout()
	return g.plugin.facts.Polls || err == nil && timeout == core.NonBlocking
}

// wasiAccept is accept as WASI's calls have it.
func (g *instance) wasiAccept(s core.Socket) (core.Socket, error) {
	timeout, err := s.GetTimeout()
	if err == nil && g.plugin.facts.Polls {
		defer s.SetTimeout(timeout)
		err = s.SetTimeout(core.NonBlocking)
	}
	if err != nil {
		return nil, err
	}
	conn, _, err := s.Accept()
	return conn, err
}
