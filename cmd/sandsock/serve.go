package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// serveFlags is the command line of `sandsock serve`.
type serveFlags struct {
	guestFlags
	limits  limitFlags
	cache   cacheFlags
	control controlFlags
	listen  endpointFlag
	routes  routeFlags
	backlog int
	json    bool
	noWatch bool
}

func newServe(a *app) *cobra.Command {
	var f serveFlags
	c := &cobra.Command{
		Use:   "serve [HANDLER]",
		Short: "give every connection to a sandboxed handler",
		Example: `  sandsock serve                                 the bundled ` + plugins.Default + ` on ` + defaultEndpoint + `
  sandsock serve shout.wasm --listen :7000       a file of yours, on all addresses
  sandsock serve echo --listen udp://:5353       a handler of datagrams
  sandsock serve shout.wasm --idle 30s --connections 100 --memory 8MiB
  sandsock serve --route localhost:0=upper --route localhost:0=echo --json`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			plan, err := f.plan(c, args)
			if err != nil {
				return err
			}
			return a.serve(f, plan)
		},
	}
	f.add(c.Flags())
	c.SetHelpFunc(func(c *cobra.Command, _ []string) {
		c.Long = "a handler is a file, or bundled: " + strings.Join(bundled(module.Handler), ", ")
		a.help(c)
	})
	return c
}

func (f *serveFlags) add(flags *pflag.FlagSet) {
	_ = f.listen.Set(defaultEndpoint)
	flags.SortFlags = false
	flags.Var(&f.listen, "listen", "where, "+defaultEndpoint+" if not given; tcp:// or udp:// before it, port 0 picks a free one")
	flags.Var(&f.routes, "route", "serve another handler elsewhere, too")
	flags.IntVar(&f.backlog, "backlog", 128, "connections that may wait to be accepted, 128 if not given")
	flags.BoolVar(&f.json, "json", false, "print one JSON object a line for everything that happens")
	flags.BoolVar(&f.noWatch, "no-watch", false, "do not swap a handler when its file is saved")
	f.guestFlags.add(flags)
	f.limits.addForAll(flags)
	f.limits.addForRoutes(flags)
	f.cache.add(flags)
	f.control.add(flags)
}

// planned is a route of the command line.
type planned struct {
	endpoint
	handler string
}

// plan returns the routes to serve: that of HANDLER and --listen, unless
// there are only --route flags, and theirs.
func (f *serveFlags) plan(c *cobra.Command, args []string) ([]planned, error) {
	if f.backlog < 0 {
		return nil, usage(c, "--backlog "+strconv.Itoa(f.backlog)+": it is 0 or more")
	}
	if err := errors.Join(f.cache.check(c), f.control.check(c)); err != nil {
		return nil, err
	}
	if len(args) == 0 && len(f.routes) > 0 && !c.Flags().Changed("listen") {
		return f.routes, nil
	}
	handler := plugins.Default
	if len(args) > 0 {
		handler = args[0]
	}
	return append([]planned{{f.listen.endpoint, handler}}, f.routes...), nil
}

// endpointFlag is the flag --listen.
type endpointFlag struct{ endpoint }

func (f *endpointFlag) String() string { return f.text }
func (f *endpointFlag) Type() string   { return "ADDR" }

func (f *endpointFlag) Set(text string) (err error) {
	f.endpoint, err = parseEndpoint(text)
	return err
}

// routeFlags is the flag --route, which may be given again.
type routeFlags []planned

func (f *routeFlags) String() string { return "" }
func (f *routeFlags) Type() string   { return "ADDR=HANDLER" }

func (f *routeFlags) Set(text string) error {
	address, handler, ok := strings.Cut(text, "=")
	if !ok || handler == "" {
		return errors.New(strconv.Quote(text) + ": a route is ADDR=HANDLER, such as localhost:7000=echo")
	}
	e, err := parseEndpoint(address)
	*f = append(*f, planned{e, handler})
	return err
}

// cannotListen is the failure to open a route's socket.
func cannotListen(p planned, address string, err error) error {
	f := &failure{code: exitFailed, text: "cannot listen on " + address + ": " + err.Error()}
	switch core.AsErrno(err) {
	case core.EADDRINUSE:
		f.next = "choose another with --listen, port 0 picks a free one"
	case core.EACCES, core.EPERM:
		f.next = "ports below 1024 need a right of their own: choose one above with --listen"
	case core.EADDRNOTAVAIL:
		f.next = "it is no address of this machine: try --listen localhost:" + strconv.Itoa(int(p.address.Port))
	case core.EAI_NONAME, core.EAI_AGAIN, core.EAI_NODATA:
		f.next = "is the name spelled right? this machine itself is localhost"
	}
	return f
}
