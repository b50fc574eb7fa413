package main

import (
	"cmp"
	"errors"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/pflag"

	"github.com/sandsock/sandsock/cmd/sandsock/config"
	"github.com/sandsock/sandsock/cmd/sandsock/follow"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// This file gives the keys of a configuration file their meaning: that of the
// flags of the same name, which read the values, too.

// hostSettings is what all routes share: [host].
type hostSettings struct {
	limits limitFlags
}

func (s *hostSettings) flags() *pflag.FlagSet {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	s.limits.addForHost(flags)
	return flags
}

// routeSettings is one [[route]] with the [defaults].
type routeSettings struct {
	guestFlags
	limits  limitFlags
	listen  endpointFlag
	backlog backlogFlag
	handler string
}

// flags are what a route has; those of the defaults are the shared ones.
func (s *routeSettings) flags(shared bool) *pflag.FlagSet {
	flags := pflag.NewFlagSet("", pflag.ContinueOnError)
	if !shared {
		flags.Var(&s.listen, "listen", "")
		flags.Var(wordFlag{&s.handler, "HANDLER", "a bundled handler, or the path of a file"}, "handler", "")
	}
	s.backlog = defaultBacklog
	flags.Var(&s.backlog, "backlog", "")
	s.guestFlags.add(flags)
	s.limits.addForAll(flags)
	s.limits.addForEachRoute(flags)
	return flags
}

// inFile reports whether a flag of the command line has a place in a file.
func inFile(name string) bool {
	return name == "route" || new(routeSettings).flags(false).Lookup(name) != nil || new(hostSettings).flags().Lookup(name) != nil
}

// settingsOf makes keys of flags.
func settingsOf(flags *pflag.FlagSet) (all []config.Setting) {
	flags.VisitAll(func(f *pflag.Flag) {
		s := config.Setting{Name: f.Name, Set: f.Value.Set}
		switch f.Value.(type) {
		case grantFlag:
			s.Kind = config.Many
		case envFlag:
			s.Kind = config.Pairs
		}
		all = append(all, s)
	})
	return all
}

// configured is what a configuration file asks for.
type configured struct {
	content []byte
	host    hostSettings
	plan    []planned
}

// maxConfigFile is the largest file that is read as a configuration, in bytes.
const maxConfigFile = 1 << 20

// readConfig reads a configuration file. Its errors are failures.
func readConfig(name string) (*configured, error) {
	content, info, err := follow.Read(name, maxConfigFile)
	if info != nil && !info.Mode().IsRegular() {
		err = errors.New("is no file with a configuration")
	}
	if err != nil {
		return nil, &failure{
			code: exitUsage, text: escaped(name) + ": " + systemText(err),
			next: "what stands in one: sandsock help serve",
		}
	}
	c, err := planOf(name, content)
	var wrong *config.Error
	var told *failure
	switch {
	case errors.As(err, &told):
		return nil, told
	case errors.As(err, &wrong):
		return nil, &failure{code: exitUsage, text: wrong.Error()}
	}
	if c != nil {
		c.content = content
	}
	return c, err
}

func planOf(name string, content []byte) (*configured, error) {
	file, err := config.Parse(escaped(name), content)
	if err != nil {
		return nil, err
	}
	c := &configured{}
	if err := file.Host.Apply(settingsOf(c.host.flags())); err != nil {
		return nil, err
	}
	if err := file.Defaults.Apply(settingsOf(new(routeSettings).flags(true))); err != nil {
		return nil, err
	}
	for _, table := range file.Routes {
		p, err := plannedBy(name, table, file.Defaults)
		if err != nil {
			return nil, err
		}
		if err := c.add(p); err != nil {
			return nil, err
		}
	}
	if len(c.plan) == 0 {
		return nil, config.Position{File: escaped(name), Line: 1, Column: 1}.Errorf(`there is no route: one begins with [[route]], and has listen = "%s" and handler = "%s"`,
			defaultEndpoint, plugins.Default)
	}
	return c, nil
}

// add adds a route, unless another has its address.
func (c *configured) add(p planned) error {
	for _, other := range c.plan {
		if p.address.Port != 0 && p.typed() == other.typed() {
			return p.places.listen.Errorf("listen %q: the route of line %d has it", p.text, other.places.route.Line)
		}
	}
	c.plan = append(c.plan, p)
	return nil
}

func plannedBy(name string, table, defaults config.Table) (p planned, err error) {
	var s routeSettings
	if err := table.Or(defaults).Apply(settingsOf(s.flags(false))); err != nil {
		return p, err
	}
	switch {
	case s.listen.text == "":
		return p, table.At.Errorf(`a route without listen, such as listen = "%s"`, defaultEndpoint)
	case s.handler == "":
		return p, table.At.Errorf(`a route without handler, such as handler = "%s"`, plugins.Default)
	}
	places := &places{route: table.At, listen: table.Find("listen"), handler: table.Find("handler")}
	handler, err := besideFile(name, s.handler)
	if err != nil {
		return p, planned{places: places}.atHandler(err)
	}
	limits := s.limits.of(handler)
	limits.Memory = cmp.Or(limits.Memory, wasmhost.DefaultLimits().Memory) // the host's is for all
	return planned{
		endpoint: s.listen.endpoint, handler: handler, backlog: int(s.backlog), places: places,
		terms: wasmhost.Terms{Env: s.env, Grants: s.grants, Limits: limits},
	}, nil
}

// escaped is a path without control characters, however long.
func escaped(path string) string {
	quoted := strconv.Quote(path)
	return quoted[1 : len(quoted)-1]
}

// besideFile returns a handler whose path is relative to the file that names
// it. What is no path is a bundled one, or a file that is there.
func besideFile(name, handler string) (string, error) {
	if isBundled(handler) || filepath.IsAbs(handler) {
		return handler, nil
	}
	path := filepath.Join(filepath.Dir(name), handler)
	if isBundled(path) {
		path = "." + string(filepath.Separator) + path
	}
	if _, err := os.Lstat(path); err != nil && !isPath(handler) {
		return "", unknownPlugin(handler, module.Handler)
	}
	return path, nil
}
