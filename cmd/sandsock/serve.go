package main

import (
	"errors"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/sandsock/sandsock/cmd/sandsock/supervise"
	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// serveFlags is the command line of `sandsock serve`.
type serveFlags struct {
	guestFlags
	limits  limitFlags
	cache   cacheFlags
	control controlFlags
	file    string
	listen  endpointFlag
	routes  routeFlags
	backlog backlogFlag
	json    bool
	noWatch bool

	takeover bool
	// supervise starts the server as a process of its own.
	supervise bool
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
  sandsock serve --route localhost:0=upper --route localhost:0=echo --json
  sandsock serve -f sandsock.toml                what that file says, again whenever it is saved`,
		Args: atMostOne,
		RunE: func(c *cobra.Command, args []string) error {
			if err := f.check(c, args); err != nil {
				return err
			}
			if f.supervise && !supervise.IsSupervised() {
				return a.supervise(f.json)
			}
			if f.file != "" {
				return a.serveFile(f)
			}
			return a.serve(f, f.plan(c, args), nil)
		},
	}
	f.add(c.Flags())
	c.SetHelpFunc(func(c *cobra.Command, _ []string) {
		c.Long = "a handler is a file, or bundled: " + strings.Join(bundled(module.Handler), ", ") + "\n\n" + configHelp + "\n\n" + inheritHelp
		a.help(c)
	})
	return c
}

// configHelp is the shape of a configuration file.
const configHelp = `a configuration file, whose other keys are the flags of a route:
  [host]                         budget and instances
  [defaults]                     for each route that says nothing else
  memory = "32MiB"
  [[route]]                      again for each one
  listen = "tcp://localhost:7000"
  handler = "shout.wasm"         bundled, or a path from the file
  allow-connect = ["localhost:5432"]
  env = { GREETING = "hello" }`

const inheritHelp = `a route listens on the socket of its address that was inherited (systemd's LISTEN_FDS),
where there is one`

func (f *serveFlags) add(flags *pflag.FlagSet) {
	_ = f.listen.Set(defaultEndpoint)
	f.backlog = defaultBacklog
	flags.SortFlags = false
	flags.Var(&f.listen, "listen", "where, "+defaultEndpoint+" if not given; tcp:// or udp:// before it, port 0 picks a free one")
	flags.Var(&f.routes, "route", "serve another handler elsewhere, too")
	flags.VarP(wordFlag{&f.file, "FILE", "a file"}, "file", "f", "serve the routes of a configuration file instead")
	flags.Var(&f.backlog, "backlog", "connections that may wait to be accepted, 128 if not given")
	flags.BoolVar(&f.json, "json", false, "print one JSON object a line for everything that happens")
	flags.BoolVar(&f.noWatch, "no-watch", false, "do not follow files: swap no handler when it is saved, nor read that of -f")
	flags.BoolVar(&f.takeover, "takeover", false, "succeed the server that runs, on its sockets; nobody is refused meanwhile")
	flags.BoolVar(&f.supervise, "supervise", false, "start the server again should it die or freeze; its sockets stay, and who waits on them")
	f.guestFlags.add(flags)
	f.limits.addForAll(flags)
	f.limits.addForRoutes(flags)
	f.cache.add(flags)
	f.control.add(flags)
}

// check refuses what contradicts itself: what a configuration file has a place
// for is not said beside it.
func (f *serveFlags) check(c *cobra.Command, args []string) error {
	if f.file != "" && len(args) > 0 {
		return usage(c, "-f and "+printable(args[0])+": the file says what is served")
	}
	var beside string
	c.Flags().Visit(func(flag *pflag.Flag) {
		if f.file != "" && beside == "" && inFile(flag.Name) {
			beside = flag.Name
		}
	})
	if beside != "" {
		return usage(c, "-f and --"+beside+": the file says what is served, and how")
	}
	return errors.Join(f.cache.check(c), f.control.check(c))
}

// plan returns the routes to serve: that of HANDLER and --listen, unless
// there are only --route flags, and theirs.
func (f *serveFlags) plan(c *cobra.Command, args []string) (plan []planned) {
	if len(args) > 0 || len(f.routes) == 0 || c.Flags().Changed("listen") {
		handler := plugins.Default
		if len(args) > 0 {
			handler = args[0]
		}
		plan = append(plan, planned{endpoint: f.listen.endpoint, handler: handler})
	}
	plan = append(plan, f.routes...)
	for i := range plan {
		p := &plan[i]
		p.backlog = int(f.backlog)
		p.terms = wasmhost.Terms{Env: f.env, Grants: f.grants, Limits: f.limits.of(p.handler)}
	}
	return plan
}

const defaultBacklog = 128

// backlogFlag is a number of connections that wait.
type backlogFlag int

func (f *backlogFlag) String() string { return "" }
func (f *backlogFlag) Type() string   { return "N" }

func (f *backlogFlag) Set(text string) error {
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || n < 0 {
		return errors.New(strconv.Quote(text) + ": it is a whole number from 0")
	}
	*f = backlogFlag(n)
	return nil
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
	*f = append(*f, planned{endpoint: e, handler: handler})
	return err
}

// cannotListen is the failure to open a route's socket.
func cannotListen(p planned, address string, err error) *failure {
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
