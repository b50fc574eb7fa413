package main

import (
	"errors"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
)

// asking is what the commands have that ask a server.
type asking struct {
	app  *app
	path string
}

func (k *asking) add(c *cobra.Command) {
	c.Flags().SortFlags = false
	c.Flags().Var(pathFlag{&k.path}, "control", "the server's socket; the only one there is if not given")
}

// named is the flag as it was given, for a command that asks the same server.
func (k *asking) named() string {
	if k.path == "" {
		return ""
	}
	return " --control " + printable(k.path)
}

// server returns the socket of the server to ask.
func (k *asking) server() (path string, err error) {
	if k.path != "" {
		return k.path, nil
	}
	switch found := control.Find(); len(found) {
	case 0:
		return "", &failure{
			code: exitFailed, text: "no server of yours is there to be asked",
			next: "begin one with sandsock serve, or name its socket with --control",
		}
	case 1:
		return found[0], nil
	default:
		return "", &failure{
			code: exitUsage, text: plural(len(found), "server") + " are there: say which, with --control " + alternatives(found),
			next: "what each serves: sandsock status --control PATH",
		}
	}
}

// alternatives returns a, b or c.
func alternatives(words []string) string {
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// ask asks for what has one answer.
func (k *asking) ask(path string, r control.Request) (control.Answer, error) {
	a, err := control.AskOnce(k.app.drain, path, r)
	return a, asFailure(err)
}

// asFailure turns what a server answered into how this command ends.
func asFailure(err error) error {
	var told *control.Failure
	if errors.As(err, &told) {
		return &failure{code: told.Code, text: told.Text, detail: told.Detail, next: told.Next}
	}
	return err
}

// exactly refuses another number of arguments than those that are named.
func exactly(names ...string) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if len(args) < len(names) {
			return usage(c, "which "+strings.ToLower(names[len(args)])+"?")
		}
		return atMost(len(names), c, args)
	}
}

func newSwap(a *app) *cobra.Command {
	k := asking{app: a}
	var asJSON bool
	c := &cobra.Command{
		Use:   "swap ROUTE FILE",
		Short: "give a route of a server that runs another handler",
		Example: `  sandsock swap localhost:6565 shout.wasm    from the next connection on
  sandsock swap :6565 echo                   a bundled one`,
		Long: "connections go on with the handler they began with; where the file is no handler, nothing changes",
		Args: exactly("ROUTE", "FILE"),
		RunE: func(_ *cobra.Command, args []string) error {
			file, err := fileFor(args[1])
			if err != nil {
				return err
			}
			return k.change(control.Request{Do: control.DoSwap, Route: args[0], File: file}, asJSON)
		},
	}
	k.add(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// fileFor is how a plugin is named to a process with another working directory.
func fileFor(name string) (string, error) {
	if isBundled(name) {
		return name, nil
	}
	return filepath.Abs(name)
}

func newRollback(a *app) *cobra.Command {
	k := asking{app: a}
	var asJSON bool
	c := &cobra.Command{
		Use:     "rollback ROUTE",
		Short:   "give a route the handler again that it had before",
		Example: `  sandsock rollback localhost:6565`,
		Args:    exactly("ROUTE"),
		RunE: func(_ *cobra.Command, args []string) error {
			return k.change(control.Request{Do: control.DoRollback, Route: args[0]}, asJSON)
		},
	}
	k.add(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

// change asks for another version and says which it is.
func (k *asking) change(r control.Request, asJSON bool) error {
	path, err := k.server()
	if err != nil {
		return err
	}
	a, err := k.ask(path, r)
	switch {
	case err != nil:
		return err
	case a.Version == nil:
		return control.ErrGone
	case asJSON:
		return k.app.printJSON(a.Version)
	}
	k.app.print("%s", k.app.onOut.good("version "+strconv.FormatInt(a.Version.Number, 10)+", "+nameOf(*a.Version)))
	k.app.next("sandsock status", "who is served by which")
	return nil
}

func newDrain(a *app) *cobra.Command {
	k := asking{app: a}
	do := control.Request{Do: control.DoDrain}
	var cut bool
	c := &cobra.Command{
		Use:   "drain",
		Short: "end a server that runs, once its connections have",
		Example: `  sandsock drain && sandsock serve shout.wasm
  sandsock drain --cut           now, whoever is connected`,
		Long: "does as SIGTERM, and waits for the end; an interrupt ends only the waiting",
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			if cut {
				do.Do = control.DoCut
			}
			return k.drain(do)
		},
	}
	k.add(c)
	c.Flags().BoolVar(&cut, "cut", false, "stop the connections that are left, as a second SIGTERM does")
	return c
}

func (k *asking) drain(r control.Request) error {
	path, err := k.server()
	if err != nil {
		return err
	}
	err = control.Ask(k.app.drain, path, r, func(a control.Answer) bool {
		if a.Draining != nil && *a.Draining > 0 {
			k.app.say("draining %s", plural(*a.Draining, "connection"))
		}
		return a.Ended
	})
	if err != nil {
		return asFailure(err)
	}
	k.app.say("%s", k.app.onTalk.good("ended"))
	return nil
}
