package wasmhost

import (
	"context"
	"errors"
	"io"

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

	Stdin          io.Reader // nil is at its end; may be read ahead of the guest
	Stdout, Stderr io.Writer // nil throws away
}

// Run runs a program to its end and returns its exit code. When the context
// ends the program is stopped, and the error is the context's. A program that
// traps is a [*Trap], of one that reaches a limit a [*Stopped].
func (h *Host) Run(ctx context.Context, p Program) (exit int, err error) {
	if err := p.Plugin.want(module.Program); err != nil {
		return 0, err
	}
	if err := p.Limits.check(); err != nil {
		return 0, err
	}
	if ctx.Err() != nil {
		return 0, context.Cause(ctx)
	}
	g := h.newInstance(settings{
		plugin: p.Plugin, args: p.Args, env: p.Env, grants: p.Grants, limits: p.Limits,
		stdin: p.Stdin, stdout: newSink(p.Stdout), stderr: newSink(p.Stderr),
		denied: func(call, address, allow string) {
			h.config.Report(Report{Event: EventDenied, Handler: p.Plugin.name, Call: call, Address: address, Allow: allow})
		},
	})
	defer g.close()
	stop := context.AfterFunc(ctx, g.cancel)
	defer stop()
	if err = g.instantiate(); err == nil {
		_, err = g.call("_start")
	}
	return exitCode(ctx, ending(err))
}

func exitCode(ctx context.Context, err error) (int, error) {
	var exit exitError
	switch {
	case errors.As(err, &exit):
		return int(exit.code), nil
	case err == errStopped:
		return 0, context.Cause(ctx)
	}
	return 0, err
}
