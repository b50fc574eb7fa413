package main

import (
	"encoding/json"
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/module"
)

func newRun(a *app) *cobra.Command {
	var f runFlags
	c := &cobra.Command{
		Use:   "run PROGRAM [-- ARG...]",
		Short: "run a sandboxed program that makes its own sockets",
		Example: `  sandsock run notes-server --allow-listen localhost:6565
  sandsock run notes-client --allow-connect localhost:6565 -- localhost:6565
  sandsock run client.wasm --allow-connect '10.0.0.0/8:8000-8010' --env MODE=test
  sandsock run client.wasm --fuel 1000000 --seed 1 --json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(c, "which program? bundled: "+strings.Join(bundled(module.Program), ", "))
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.cache.check(c); err != nil {
				return err
			}
			return a.runProgram(f, args)
		},
	}
	c.Flags().SortFlags = false
	f.guestFlags.add(c.Flags())
	f.limits.addForAll(c.Flags())
	f.cache.add(c.Flags())
	c.Flags().Var(&f.seed, "seed", "make the run repeatable: chance and clocks come from this number, reads are whole")
	c.Flags().BoolVar(&f.json, "json", false, "print what is refused and how it ended on standard error, one JSON object a line")
	c.SetHelpFunc(func(c *cobra.Command, _ []string) {
		c.Long = "exits with the program's code. a program is a file, or bundled: " + strings.Join(bundled(module.Program), ", ")
		a.help(c)
	})
	return c
}

// runFlags is the command line of `sandsock run`.
type runFlags struct {
	guestFlags
	limits limitFlags
	cache  cacheFlags
	seed   seedFlag
	json   bool
}

// seedFlag is the flag --seed; its number is nil where it is not given.
type seedFlag struct{ number *uint64 }

func (f *seedFlag) String() string { return "" }
func (f *seedFlag) Type() string   { return "N" }

func (f *seedFlag) Set(text string) error {
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return errors.New(strconv.Quote(text) + ": it is a whole number from 0")
	}
	f.number = &n
	return nil
}

// runProgram runs args[0] with all of args, on the terminal's own streams.
func (a *app) runProgram(f runFlags, args []string) error {
	report := a.sayDenied
	if f.json {
		report = a.sayJSON
	}
	name := args[0]
	host, err := hostOf(wasmhost.Config{Network: a.network, Report: report, Limits: f.limits.Limits}, args[:1], f.cache)
	if err != nil {
		return err
	}
	defer host.Close()
	file, err := readPlugin(name, module.Program)
	if err != nil {
		return err
	}
	plugin, err := host.Load(a.drain, name, file)
	if err != nil {
		return a.orInterrupted(refused(name, file, asProgram(file, err)))
	}
	code, err := host.Run(a.drain, wasmhost.Program{
		Plugin: plugin, Args: args, Env: f.env, Grants: f.grants, Limits: f.limits.of(name),
		Seed: f.seed.number, Stdin: a.in, Stdout: a.out, Stderr: a.talk,
	})
	if err != nil {
		return a.orInterrupted(programEnd(name, file, err))
	}
	return programExit(code)
}

// asProgram is the refusal of a file that is neither handler nor program, in the
// words of what it was to be; loading it says why it is no handler.
func asProgram(file []byte, err error) error {
	m, broken := module.Decode(file)
	var load *wasmhost.LoadError
	if broken != nil || !errors.As(err, &load) {
		return err
	}
	if _, neither := m.Kind(); neither != nil && neither.Error() == load.Reason {
		return &wasmhost.LoadError{Name: load.Name, Reason: m.CheckProgram().Error()}
	}
	return err
}

// programEnd says why a program has no exit code.
func programEnd(name string, file []byte, err error) error {
	var trap *wasmhost.Trap
	var stopped *wasmhost.Stopped
	switch {
	case errors.As(err, &stopped):
		return &failure{
			code: exitFailed, text: printable(name) + ": stopped: " + stopped.Reason,
			next: "limits and their flags: sandsock run --help",
		}
	case !errors.As(err, &trap):
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

// sayJSON prints every event on standard error: standard output is the
// program's own.
func (a *app) sayJSON(r wasmhost.Report) { _ = json.NewEncoder(a.talk).Encode(r) }

// sayDenied prints what a program was refused, and what the host does without.
func (a *app) sayDenied(r wasmhost.Report) {
	switch r.Event {
	case wasmhost.EventDenied:
		a.say("%s", a.onTalk.bad(deniedText(r)))
	case wasmhost.EventTrouble:
		a.say("%s", a.onTalk.bad(printable(r.Error)))
	}
}
