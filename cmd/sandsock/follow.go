package main

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/sandsock/sandsock/cmd/sandsock/follow"
	"github.com/sandsock/sandsock/wasmhost"
)

// follow swaps handlers as their files are saved, from a goroutine of its own:
// one is loaded at a time. What it returns ends that, and waits for it.
func (s *service) follow() (end func()) {
	files := s.files()
	if len(files) == 0 || s.flags.noWatch {
		return func() {}
	}
	ctx, cancel := context.WithCancel(s.app.drain)
	over := make(chan struct{})
	go func() {
		defer close(over)
		follow.Run(ctx, follow.Config{
			Files: files, Most: maxPluginFile,
			Changed: func(c follow.Change) bool { return s.saved(ctx, c) },
			Trouble: func(err error) { s.trouble("looks for saved files once a second: " + systemText(err)) },
		})
	}()
	return func() {
		cancel()
		<-over
	}
}

// files are the handlers that are files.
func (s *service) files() (names []string) {
	for _, r := range s.routes {
		if !isBundled(r.handler) {
			names = append(names, r.handler)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (s *service) routesOf(handler string) (routes []*wasmhost.Route) {
	for _, r := range s.routes {
		if r.handler == handler {
			routes = append(routes, r.route)
		}
	}
	return routes
}

var errSavedAgain = errors.New("was saved again while it was compiled")

// saved swaps the routes of a file to what is in it now. A file that cannot
// serve changes nothing, and is told once. What is no longer what was compiled
// is not taken.
func (s *service) saved(ctx context.Context, c follow.Change) (taken bool) {
	routes := s.routesOf(c.Name)
	if c.Err != nil {
		s.noneSwapped(routes, c.Name, errors.New(systemText(c.Err)))
		return true
	}
	digest := wasmhost.Digest(c.Content)
	routes = slices.DeleteFunc(routes, func(r *wasmhost.Route) bool { return s.serves(r, c.Name, digest) })
	if len(routes) == 0 {
		return true
	}
	plugin, err := s.host.Load(ctx, c.Name, c.Content)
	if err != nil {
		s.noneSwapped(routes, c.Name, err)
		return true
	}
	defer plugin.Close()
	if !c.Current() {
		s.noneSwapped(routes, c.Name, errSavedAgain)
		return false
	}
	for _, r := range routes {
		if _, err := r.Swap(ctx, plugin); err != nil {
			s.notSwapped(r, c.Name, err)
		}
	}
	return true
}

// eventHealed tells that a file which could not serve is again what does.
const eventHealed = "healed"

// serves reports whether what was saved is what a route has: then a refusal
// before it is over. A handler that was set aside is swapped for itself, which
// lifts that.
func (s *service) serves(r *wasmhost.Route, name, digest string) bool {
	now := r.Versions()[0]
	if now.Digest != digest || now.Aside {
		return false
	}
	if s.refusals.heal(r.Name) {
		s.journal.report(wasmhost.Report{
			Event: eventHealed, Route: r.Name, Handler: name, Version: now.Number,
			Text: fmt.Sprintf("%s is again what version %d serves", escaped(name), now.Number),
		})
	}
	return true
}

// noneSwapped is notSwapped for all routes of a file, which is told of the
// first.
func (s *service) noneSwapped(routes []*wasmhost.Route, name string, err error) {
	s.notSwapped(routes[0], name, err)
	for _, r := range routes[1:] {
		s.refusals.note(refusedReport(r, name, err))
	}
}

// notSwapped tells why a file is not served, unless the end has come.
func (s *service) notSwapped(r *wasmhost.Route, name string, err error) {
	if s.app.drain.Err() != nil || errors.Is(err, wasmhost.ErrDraining) || errors.Is(err, context.Canceled) {
		return
	}
	s.refusals.report(refusedReport(r, name, err))
}

func refusedReport(r *wasmhost.Route, name string, err error) wasmhost.Report {
	var load *wasmhost.LoadError
	reason := err.Error()
	if errors.As(err, &load) {
		reason = load.Reason
	}
	return wasmhost.Report{Event: wasmhost.EventRefused, Route: r.Name, Handler: name, Version: r.Versions()[0].Number, Error: reason}
}
