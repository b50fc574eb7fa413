package main

import (
	"context"
	"errors"
	"net"
	"strings"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
	"github.com/sandsock/sandsock/core/nearest"
	"github.com/sandsock/sandsock/wasmhost"
)

// controlled is a service that can be asked while it runs.
type controlled struct {
	*service
	began time.Time
	over  chan struct{} // closed when nothing is served any more
	ended error         // how that came to be; to be read when over is closed
}

// runControlled runs the service such that it can be asked, also while it
// drains.
func (s *service) runControlled(first *change, config *follower) error {
	c := &controlled{service: s, began: time.Now(), over: make(chan struct{})}
	metrics, err := c.openMetrics()
	if err != nil {
		first.undo()
		return err
	}
	defer metrics.close()
	server, err := c.openControl()
	if err != nil {
		first.undo()
		return err
	}
	c.ended = s.run(first, config)
	close(c.over)
	if server != nil {
		_ = server.Close()
	}
	return c.ended
}

// openControl begins to answer. A place that was asked for is had, or it is an
// error; the default one can be done without.
func (c *controlled) openControl() (*control.Server, error) {
	switch f := c.flags.control; {
	case f.none:
		return nil, nil
	case f.path != "":
		server, err := control.ListenAt(f.path, c.answer)
		if err != nil {
			return nil, &failure{code: exitFailed, text: "cannot be asked on " + printable(err.Error()), next: "choose another path with --control, or none with --no-control"}
		}
		return server, nil
	}
	server, err := control.Listen(c.answer)
	if err != nil {
		c.journal.report(wasmhost.Report{Event: wasmhost.EventTrouble, Error: "goes on, and cannot be asked: " + err.Error()})
		return nil, nil
	}
	return server, nil
}

// answer does what is asked.
func (c *controlled) answer(ctx context.Context, r control.Request, say func(control.Answer)) error {
	switch r.Do {
	case control.DoStatus:
		status := c.status()
		say(control.Answer{Status: &status})
		return nil
	case control.DoSwap:
		return c.change(ctx, r, say, func(route *wasmhost.Route) (wasmhost.Version, error) { return c.swapTo(ctx, route, r.File) })
	case control.DoRollback:
		return c.change(ctx, r, say, func(route *wasmhost.Route) (wasmhost.Version, error) { return rollback(ctx, route) })
	case control.DoDrain:
		return c.drainFor(ctx, say)
	}
	return &control.Failure{Text: "it is not known how to " + printable(r.Do), Code: exitUsage}
}

// change does something to a route and answers with the version that it has
// then.
func (c *controlled) change(ctx context.Context, r control.Request, say func(control.Answer), do func(*wasmhost.Route) (wasmhost.Version, error)) error {
	route, err := c.route(r.Route)
	if err != nil {
		return asAnswer(err)
	}
	select {
	case c.changing <- struct{}{}:
	case <-ctx.Done():
		return asAnswer(context.Cause(ctx))
	}
	defer func() { <-c.changing }()
	v, err := do(route)
	if err != nil {
		return asAnswer(err)
	}
	now := versionOf(v)
	say(control.Answer{Version: &now})
	return nil
}

// asAnswer is an error as the one who asked is told.
func asAnswer(err error) error {
	f := &failure{code: exitFailed, text: err.Error()}
	errors.As(err, &f)
	return &control.Failure{Text: f.text, Detail: f.detail, Next: f.next, Code: f.code}
}

// swapTo swaps a file in. That it was refused is told beside the one who asked
// for it, too.
func (c *controlled) swapTo(ctx context.Context, route *wasmhost.Route, name string) (v wasmhost.Version, err error) {
	file, err := readPlugin(name)
	if err != nil {
		c.notSwapped(route, name, errors.New(strings.TrimPrefix(err.Error(), printable(name)+": ")))
		return v, err
	}
	plugin, err := c.host.Load(ctx, name, file)
	if err == nil {
		defer plugin.Close()
		v, err = route.Swap(ctx, plugin)
	}
	if err != nil {
		c.notSwapped(route, name, err)
	}
	return v, refused(name, file, err)
}

func rollback(ctx context.Context, route *wasmhost.Route) (wasmhost.Version, error) {
	v, err := route.Rollback(ctx)
	if errors.Is(err, wasmhost.ErrNoVersionBefore) {
		return v, &failure{
			code: exitFailed, text: "there is no version to go back to: none was swapped in since the first, or since the last rollback",
			next: "another handler is swapped in with: sandsock swap " + route.Name + " FILE",
		}
	}
	return v, err
}

// drainFor does as a first interrupt, and waits for the end.
func (c *controlled) drainFor(ctx context.Context, say func(control.Answer)) error {
	open := 0
	for _, r := range c.all() {
		open += r.Status().Open
	}
	c.app.begin()
	say(control.Answer{Draining: &open})
	select {
	case <-c.over:
	case <-ctx.Done():
		<-c.over // which is why the context has ended
	}
	if c.ended != nil {
		return &control.Failure{Text: "it ended, and not as it should: " + c.ended.Error(), Code: exitFailed}
	}
	say(control.Answer{Ended: true})
	return nil
}

// route finds a route by its name, or by its address as it is typed.
func (c *controlled) route(typed string) (*wasmhost.Route, error) {
	var names []string
	var found []*wasmhost.Route
	for _, r := range c.all() {
		names = append(names, r.Name)
		if isCalled(r.Name, typed) {
			found = append(found, r)
		}
	}
	all := "routes: " + strings.Join(names, ", ")
	switch len(found) {
	case 1:
		return found[0], nil
	case 0:
		return nil, &failure{code: exitUsage, text: "there is no route " + printable(typed) + nearest.Guess(typed, names), detail: all}
	}
	return nil, &failure{code: exitUsage, text: printable(typed) + " is more than one route", detail: all}
}

// isCalled reports whether a route can be called so: tcp://127.0.0.1:6565,
// 127.0.0.1:6565, localhost:6565, :6565.
func isCalled(name, typed string) bool {
	protocol, address, _ := strings.Cut(name, "://")
	if p, rest, ok := strings.Cut(typed, "://"); ok {
		if p != protocol {
			return false
		}
		typed = rest
	}
	host, port, err := net.SplitHostPort(typed)
	own, ownPort, ownErr := net.SplitHostPort(address)
	if err != nil || ownErr != nil {
		return typed == address || typed == name
	}
	return port == ownPort && (host == "" || host == own || host == "localhost" && (own == "127.0.0.1" || own == "::1"))
}
