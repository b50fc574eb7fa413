package main

import (
	"errors"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/module"
)

func newRun(a *app) *cobra.Command {
	var f guestFlags
	c := &cobra.Command{
		Use:   "run PROGRAM [-- ARG...]",
		Short: "run a sandboxed program that makes its own sockets",
		Example: `  sandsock run notes-server --allow-listen localhost:6565
  sandsock run notes-client --allow-connect localhost:6565 -- localhost:6565
  sandsock run client.wasm --allow-connect '10.0.0.0/8:8000-8010' --env MODE=test`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(c, "which program? bundled: "+strings.Join(bundled(module.Program), ", "))
			}
			return nil
		},
		RunE: func(_ *cobra.Command, args []string) error { return a.runProgram(f, args) },
	}
	c.Flags().SortFlags = false
	f.add(c.Flags())
	c.SetHelpFunc(func(c *cobra.Command, _ []string) {
		c.Long = "exits with the program's code. a program is a file, or bundled: " + strings.Join(bundled(module.Program), ", ")
		a.help(c)
	})
	return c
}

// runProgram runs args[0] with all of args, on the terminal's own streams.
func (a *app) runProgram(f guestFlags, args []string) error {
	host, err := wasmhost.New(wasmhost.Config{Network: a.network, Report: a.sayDenied})
	if err != nil {
		return err
	}
	defer host.Close()
	name := args[0]
	file, err := readPlugin(name)
	if err != nil {
		return err
	}
	plugin, err := host.Load(a.drain, name, file)
	if err != nil {
		return a.orInterrupted(refused(name, file, err))
	}
	code, err := host.Run(a.drain, wasmhost.Program{
		Plugin: plugin, Args: args, Env: f.env, Grants: f.grants,
		Stdin: a.in, Stdout: a.out, Stderr: a.talk,
	})
	if err != nil {
		return a.orInterrupted(programEnd(name, file, err))
	}
	return programExit(code)
}

// programEnd says why a program has no exit code.
func programEnd(name string, file []byte, err error) error {
	var trap *wasmhost.Trap
	if !errors.As(err, &trap) {
		return refused(name, file, err)
	}
	return &failure{
		code: exitFailed, text: printable(name) + ": " + printable(trap.Reason),
		detail: strings.TrimSpace(stackText(trap.Stack)),
		next:   "what is in it: sandsock inspect " + printable(name),
	}
}

// programExit passes a program's code on: it has said itself what was wrong.
func programExit(code int) error {
	if code == exitWell {
		return nil
	}
	return &failure{code: code}
}

// sayDenied prints the one event of a program.
func (a *app) sayDenied(r wasmhost.Report) {
	if r.Event == wasmhost.EventDenied {
		a.say("%s", a.onTalk.bad(deniedText(r)))
	}
}
