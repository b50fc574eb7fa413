package main

import (
	"strconv"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sandsock/sandsock/core"
)

// controlFlags say how a server that runs can be asked.
type controlFlags struct {
	path    string
	none    bool
	metrics endpointFlag
}

func (f *controlFlags) add(flags *pflag.FlagSet) {
	flags.Var(pathFlag{&f.path}, "control", "answer status, swap and drain on this socket; on one in the user's runtime directory if not given")
	flags.BoolVar(&f.none, "no-control", false, "answer on no socket")
	flags.Var(&f.metrics, "metrics", "where to tell Prometheus, over HTTP, nowhere if not given")
}

func (f *controlFlags) check(c *cobra.Command) error {
	switch {
	case f.none && f.path != "":
		return usage(c, "--control and --no-control: it is one or the other")
	case f.metrics.typ == core.SOCK_DGRAM:
		return usage(c, "--metrics "+strconv.Quote(f.metrics.text)+": it is over tcp")
	}
	return nil
}
