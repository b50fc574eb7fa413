package main

import (
	"errors"
	"fmt"
	"net/netip"
	"strings"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost"
	"github.com/sandsock/sandsock/wasmhost/module"
)

// change is what makes the routes of a service those of a plan. All of it is
// ready before the first route changes: nothing of it can fail any more, so
// that a plan is served whole or not at all.
type change struct {
	service *service
	files   map[string][]byte           // by handler
	plugins map[string]*wasmhost.Plugin // by handler
	routes  []*serving                  // those there will be
	next    []next                      // what is to be done to them, one each
	gone    []*serving
}

// next is what a route of the plan needs: to begin, to swap, or nothing.
type next struct {
	planned
	address netip.AddrPort
	begins  bool
	ready   *wasmhost.Ready // nil: no swap
}

// prepare has every file and every socket before it loads the first plugin,
// which may take seconds: a port that is taken is told at once, and whoever
// connects meanwhile waits in the backlog.
func (s *service) prepare(plan []planned) (*change, error) {
	c := &change{service: s, files: map[string][]byte{}, plugins: map[string]*wasmhost.Plugin{}}
	for _, step := range []func() error{
		func() error { return c.match(plan) }, c.read, c.bind, c.load, c.makeReady, c.makeRoutes,
	} {
		if err := step(); err != nil {
			c.undo()
			return nil, err
		}
	}
	c.closePlugins()
	return c, nil
}

// match finds the routes that are there already: by their address as it was
// typed, in the order of the plan where port 0 is there twice, or by what it
// comes to.
func (c *change) match(plan []planned) error {
	free := append([]*serving(nil), c.service.routes...)
	take := func(is func(*serving) bool) *serving {
		for i, r := range free {
			if r != nil && is(r) {
				free[i] = nil
				return r
			}
		}
		return nil
	}
	for _, p := range plan {
		r := take(func(r *serving) bool { return r.typed() == p.typed() })
		c.routes, c.next = append(c.routes, r), append(c.next, next{planned: p})
	}
	for i := range c.next {
		n := &c.next[i]
		if c.routes[i] != nil {
			continue
		}
		var err error
		if n.address, err = c.service.resolve(n.planned); err != nil {
			return err
		}
		c.routes[i] = take(func(r *serving) bool { return r.typ == n.typ && r.bound.address == n.address })
		if n.begins = c.routes[i] == nil; n.begins {
			c.routes[i] = &serving{planned: n.planned}
		}
	}
	for _, r := range free {
		if r != nil {
			c.gone = append(c.gone, r)
		}
	}
	return nil
}

// loads reports whether a route needs its plugin loaded.
func (c *change) loads(i int) bool {
	return c.next[i].begins || c.routes[i].handler != c.next[i].handler
}

func (c *change) read() error {
	for i, n := range c.next {
		if !c.loads(i) || c.files[n.handler] != nil {
			continue
		}
		file, err := readPlugin(n.handler, module.Handler)
		if err != nil {
			return n.atHandler(err)
		}
		c.files[n.handler] = file
	}
	return nil
}

// bind has the sockets of the routes that begin: one that was inherited, or a
// new one.
func (c *change) bind() (err error) {
	if err := c.inherit(); err != nil {
		return err
	}
	for i, n := range c.next {
		if !n.begins || c.routes[i].bound.socket != nil {
			continue
		}
		if c.routes[i].bound, err = c.service.bind(n.planned, n.address); err != nil {
			return err
		}
	}
	return nil
}

func (c *change) load() error {
	for i, n := range c.next {
		if !c.loads(i) || c.plugins[n.handler] != nil {
			continue
		}
		file := c.files[n.handler]
		plugin, err := c.service.host.Load(c.service.app.drain, n.handler, file)
		if err != nil {
			return n.atHandler(refused(n.handler, file, err))
		}
		c.plugins[n.handler] = plugin
	}
	return nil
}

// makeReady prepares the swaps.
func (c *change) makeReady() error {
	for i := range c.next {
		n, r := &c.next[i], c.routes[i]
		if n.begins || r.same(planned{handler: n.handler, backlog: r.backlog, terms: n.terms}) {
			continue
		}
		ready, err := r.route.Prepare(c.service.app.drain, c.plugins[n.handler], n.terms)
		if err != nil {
			return n.atHandler(refused(n.handler, c.files[n.handler], err))
		}
		n.ready = ready
	}
	return nil
}

func (c *change) makeRoutes() (err error) {
	for i, n := range c.next {
		if r := c.routes[i]; n.begins {
			r.route, err = c.service.host.NewRoute(wasmhost.RouteConfig{
				Name: routeName(n.typ, r.bound.address), Socket: r.bound.socket, Plugin: c.plugins[n.handler],
				Env: n.terms.Env, Grants: n.terms.Grants, Limits: n.terms.Limits,
			})
			if err != nil {
				return n.atHandler(refused(n.handler, c.files[n.handler], err))
			}
			if r.bound.inherited {
				r.route.SetShared(true)
			}
		}
	}
	return nil
}

// undo frees what was made ready.
func (c *change) undo() {
	for i, n := range c.next {
		r := c.routes[i]
		if n.ready != nil {
			n.ready.Close()
		}
		switch {
		case !n.begins:
		case r.route != nil:
			_ = r.route.Drain(c.service.app.cut)
		case r.bound.socket != nil:
			_ = r.bound.socket.Close()
		}
	}
	c.closePlugins()
}

// closePlugins leaves them to the routes.
func (c *change) closePlugins() {
	for _, p := range c.plugins {
		_ = p.Close()
	}
}

// commit makes the change, and returns what to say of it.
func (s *service) commit(c *change) string {
	s.entrust(c)
	var begun, changed int
	for i, n := range c.next {
		r := c.routes[i]
		switch {
		case n.begins:
			begun++
			if r.bound.listens {
				s.setBacklog(r, n.backlog)
			}
			s.journal.add(r.route.Name, n.typ, r.bound.address)
			s.begin(r)
			continue
		case !r.same(n.planned):
			changed++
			s.swap(r, n)
		}
		s.mu.Lock()
		r.planned = n.planned
		s.mu.Unlock()
	}
	for _, r := range c.gone {
		s.remove(r)
	}
	s.mu.Lock()
	s.routes = c.routes
	s.mu.Unlock()
	return summary(begun, changed, len(c.gone))
}

func (s *service) swap(r *serving, n next) {
	if n.backlog != r.backlog && r.typ == core.SOCK_STREAM {
		s.setBacklog(r, n.backlog)
	}
	if n.ready == nil {
		return
	}
	if _, err := n.ready.Swap(); err != nil && !errors.Is(err, wasmhost.ErrDraining) {
		s.trouble(r.route.Name + ": " + err.Error())
	}
}

// setBacklog listens again (listen(2)): who waits in the queue stays there.
func (s *service) setBacklog(r *serving, backlog int) {
	if err := r.bound.socket.Listen(backlog); err != nil {
		s.trouble(fmt.Sprintf("%s: the backlog stays as it is: %v", r.route.Name, err))
	}
}

func (s *service) trouble(text string) {
	s.journal.report(wasmhost.Report{Event: wasmhost.EventTrouble, Error: text})
}

// summary is what a change came to.
func summary(begun, changed, gone int) string {
	var parts []string
	for _, p := range []struct {
		n    int
		what string
	}{{begun, "new"}, {changed, "changed"}, {gone, "gone"}} {
		if p.n > 0 {
			parts = append(parts, plural(int64(p.n), "route")+" "+p.what)
		}
	}
	if len(parts) == 0 {
		return "no route is different"
	}
	return strings.Join(parts, ", ")
}
