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
	"github.com/sandsock/sandsock/wasmhost/module"
)

// controlled is a service that can be asked while it runs.
type controlled struct {
	*service
	began time.Time
	over  chan struct{} // closed when nothing is served any more
	ended error         // how that came to be; to be read when over is closed

	server  *control.Server // nil where it is not asked
	aside   *control.Server // where it is asked once it was succeeded; nil before
	metrics *metricsServer  // nil where nobody wants it
	handing chan struct{}   // has room for one successor
}

// runControlled runs the service such that it can be asked, also while it
// drains.
func (s *service) runControlled(first *change, config *follower) error {
	c := &controlled{service: s, began: time.Now(), over: make(chan struct{}), handing: make(chan struct{}, 1)}
	if err := c.open(); err != nil {
		first.undo()
		c.close()
		return err
	}
	c.ended = s.run(first, config)
	close(c.over)
	c.handing <- struct{}{} // its successor has its path by now
	c.close()
	return c.ended
}

// open begins to answer. Who succeeds another does so only when nothing can
// fail any more.
func (c *controlled) open() (err error) {
	c.begun = func() {
		c.metrics.begin()
		c.answerInstead()
	}
	if c.metrics, err = c.openMetrics(); err != nil {
		return err
	}
	if err = c.openControl(); err != nil {
		return err
	}
	return c.commitTakeover()
}

func (c *controlled) close() {
	c.metrics.close()
	for _, server := range []*control.Server{c.server, c.aside} {
		if server != nil {
			_ = server.Close()
		}
	}
}

// openControl begins to answer. A place that was asked for is had, or it is an
// error; the default one can be done without.
func (c *controlled) openControl() (err error) {
	switch f := c.flags.control; {
	case f.none, c.takeover != nil && f.path == "":
		return nil
	case f.path != "":
		listen := control.ListenAt
		if c.takeover != nil {
			listen = control.ListenBeside
		}
		if c.server, err = listen(f.path, c.answer); err != nil {
			return &failure{code: exitFailed, text: "cannot be asked on " + escaped(err.Error()), next: "choose another path with --control, or none with --no-control"}
		}
	default:
		c.openDefault()
	}
	return nil
}

// openDefault begins to answer in the user's folder.
func (c *controlled) openDefault() {
	server, err := control.Listen(c.answer)
	if err != nil {
		c.trouble("goes on, and cannot be asked: " + err.Error())
		return
	}
	c.server = server
}

// answerInstead answers where the server did that was succeeded, and lets go of
// it: from now on it is not asked any more.
func (c *controlled) answerInstead() {
	if c.takeover == nil {
		return
	}
	defer c.takeover.close()
	switch f := c.flags.control; {
	case f.none:
	case f.path == "":
		c.openDefault()
	default:
		if err := c.server.MoveTo(f.path); err != nil {
			c.trouble("is asked on " + c.server.Path() + ", for it cannot have " + f.path + ": " + systemText(err))
		}
	}
}

// answer does what is asked.
func (c *controlled) answer(ctx context.Context, r control.Request, conn *control.Conn) error {
	say := conn.Say
	switch r.Do {
	case control.DoStatus:
		status := c.status()
		say(control.Answer{Status: &status})
		return nil
	case control.DoSwap:
		return c.change(ctx, r, say, func(ctx context.Context, route *wasmhost.Route) (wasmhost.Version, error) {
			return c.swapTo(ctx, route, r.File)
		})
	case control.DoRollback:
		return c.change(ctx, r, say, rollback)
	case control.DoDrain:
		return c.drainFor(ctx, say, c.app.begin)
	case control.DoCut:
		return c.drainFor(ctx, say, c.app.finish)
	case control.DoTakeover:
		return c.handOver(ctx, r, conn)
	}
	return &control.Failure{Text: "it is not known how to " + printable(r.Do), Code: exitUsage}
}

// errEnds is what became of a change where the server is to end before.
var errEnds = &failure{code: exitFailed, text: "nothing has changed: the server is about to end"}

// change does something to a route and answers with the version that it has
// then.
func (c *controlled) change(ctx context.Context, r control.Request, say func(control.Answer), do func(context.Context, *wasmhost.Route) (wasmhost.Version, error)) error {
	route, err := c.route(r.Route)
	if err != nil {
		return asAnswer(err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(c.app.drain, cancel)()
	select {
	case c.changing <- struct{}{}:
		defer func() { <-c.changing }()
	case <-ctx.Done():
	}
	var v wasmhost.Version
	if err = ctx.Err(); err == nil {
		v, err = do(ctx, route)
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return asAnswer(errEnds)
	case err != nil:
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
	file, err := readPlugin(name, module.Handler)
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

// drainFor does as one interrupt or two, and waits for the end.
func (c *controlled) drainFor(ctx context.Context, say func(control.Answer), interrupt func()) error {
	open := c.connections()
	interrupt()
	say(control.Answer{Draining: &open})
	select {
	case <-c.over:
	case <-ctx.Done():
		<-c.over // which is why the context has ended
	}
	if c.ended != nil && c.ended != context.Cause(c.app.cut) {
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
