package wasmhost

import (
	"context"
	"errors"
	"io"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// Program is one run of a plugin that makes its own sockets.
type Program struct {
	Plugin *Plugin
	Args   []string // the first is the program's name by custom
	Env    []string // NAME=value
	Grants core.Grants
	Limits Limits // what is zero is as the host's

	// Seed, where it is not nil, makes a run repeatable: chance and clocks
	// come from it, and a read of a stream waits until the buffer is full, the
	// stream ends, or nothing comes for 20 milliseconds.
	Seed *uint64

	Stdin          io.Reader // nil is at its end; may be read ahead of the guest
	Stdout, Stderr io.Writer // nil throws away
}

// Run runs a program to its end and returns its exit code, in the goroutine that
// calls it. When the context ends the program is stopped, and the error is the
// context's. The error of a program that traps is a [*Trap], of one that reaches
// a limit, or the host's budget, a [*Stopped], and of a plugin that is no
// program, or cannot run within the limits, a [*LoadError].
func (h *Host) Run(ctx context.Context, p Program) (exit int, err error) {
	if err := p.Plugin.want(module.Program); err != nil {
		return 0, err
	}
	if err := p.Limits.check(); err != nil {
		return 0, err
	}
	limits := p.Limits.or(h.config.Limits)
	if err := h.admits(p.Plugin, limits); err != nil {
		return 0, err
	}
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	g := h.newInstance(settings{
		plugin: p.Plugin, args: p.Args, env: p.Env, grants: p.Grants, limits: &limits, seed: p.Seed,
		stdin: p.Stdin, stdout: newSink(p.Stdout), stderr: newSink(p.Stderr),
		denied: func(call, address, allow string) {
			h.config.Report(Report{Event: EventDenied, Handler: p.Plugin.name, Call: call, Address: address, Allow: allow})
		},
	})
	defer g.close()
	stop := context.AfterFunc(ctx, g.cancel)
	defer stop()
	if limits.Total > 0 {
		defer time.AfterFunc(limits.Total, func() { g.stopAt(lived(limits.Total)) }).Stop()
	}
	began := time.Now()
	if err = g.instantiate(); err == nil {
		_, err = g.call("_start")
	}
	err = ending(err)
	entry := Report{Handler: p.Plugin.name, Fuel: g.used(), Received: g.received.Load(), Sent: g.sent.Load(), Took: time.Since(began)}
	var exited exitError
	if errors.As(err, &exited) {
		entry.Exit = int(exited.code)
		err = nil
	}
	h.config.Report(entry.ended(err))
	if err == errStopped {
		err = context.Cause(ctx)
	}
	return entry.Exit, err
}
