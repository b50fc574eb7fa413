package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/pflag"

	"github.com/sandsock/sandsock/core"
)

// guestFlags are the flags that say what a plugin is given: nothing, unless
// one of them says so.
type guestFlags struct {
	grants core.Grants
	env    []string
}

func (g *guestFlags) add(flags *pflag.FlagSet) {
	for _, f := range []struct {
		use core.Use
		doc string
	}{
		{core.UseConnect, "let it connect there: an address, a range or a name, with a port or ports 8000-8010"},
		{core.UseListen, "let it listen there"},
		{core.UseSend, "let it send datagrams there"},
		{core.UseResolve, "let it look up this name, or *.name"},
	} {
		flags.Var(grantFlag{g, f.use}, "allow-"+f.use.String(), f.doc)
	}
	flags.Var(envFlag{g}, "env", "give it an environment variable")
}

// grantFlag is one of the flags --allow-connect, -listen, -send and -resolve,
// each of which may be given again.
type grantFlag struct {
	*guestFlags
	use core.Use
}

func (f grantFlag) String() string { return "" }

func (f grantFlag) Type() string {
	if f.use == core.UseResolve {
		return "NAME"
	}
	return "ADDR"
}

func (f grantFlag) Set(text string) error {
	grant, err := core.ParseGrant(f.use, text)
	if err == nil {
		f.grants = append(f.grants, grant)
	}
	return err
}

type envFlag struct{ *guestFlags }

func (f envFlag) String() string { return "" }
func (f envFlag) Type() string   { return "NAME=VALUE" }

func (f envFlag) Set(text string) error {
	if strings.IndexByte(text, '=') < 1 {
		return errors.New(strconv.Quote(text) + ": a variable is NAME=VALUE")
	}
	f.env = append(f.env, text)
	return nil
}
