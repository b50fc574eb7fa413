package main

import (
	"strconv"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
	"github.com/sandsock/sandsock/cmd/sandsock/notify"
	"github.com/sandsock/sandsock/cmd/sandsock/supervise"
)

// This file is what a service tells its supervisor, which may be systemd or
// `sandsock serve --supervise`: that it lives, and which sockets are to outlive
// it.

// supervised finds the supervisor and shows it that the service lives, until
// the end. When ours dies, the service ends in good order.
func (s *service) supervised() (end func()) {
	s.restarted = supervise.IsSupervised()
	endGuard := supervise.Guard(func() {
		s.trouble("its supervisor is gone")
		s.app.begin()
	})
	supervisor, err := notify.FromEnvironment()
	if err != nil {
		s.trouble("goes on, and its supervisor is told nothing: " + systemText(err))
	}
	s.supervisor = supervisor
	endWatch := supervisor.Watch(s.standing)
	return func() {
		endWatch()
		endGuard()
		supervisor.Close()
	}
}

// standing is a line on how the service stands. It takes the locks of the
// service, its host and its routes: where one is never free again it does not
// return, and the supervisor hears no more.
func (s *service) standing() string {
	s.host.Usage()
	routes, open := len(s.all()), s.connections()
	switch {
	case s.app.drain.Err() != nil:
		return standing("draining", routes, open)
	case routes == 0:
		return "loading"
	}
	return standing("serving", routes, open)
}

func standing(what string, routes, open int) string {
	return what + " " + plural(routes, "route") + ", " + plural(open, "connection") + " open"
}

// entrust has the supervisor keep the sockets of the routes there will be, for
// the process that comes after this one, and let go of those that are gone:
// before they drain, or clients could go on to connect. A name may be that of
// several sockets where it is not ours: what is still wanted is kept anew after.
func (s *service) entrust(c *change) {
	if s.supervisor == nil {
		return
	}
	names, alike, gone := make([]string, len(c.next)), map[string]int{}, append(s.unwanted, c.gone...)
	s.unwanted = nil
	for i, n := range c.next {
		names[i] = keptName(n.planned, alike)
		if r := c.routes[i]; r.kept != "" && r.kept != names[i] {
			gone = append(gone, &serving{kept: r.kept})
			r.kept = ""
		}
	}
	s.letGo(gone)
	for i, r := range c.routes {
		if r.kept == "" {
			r.kept = names[i]
			s.supervisor.Keep(r.kept, r.bound.socket.Fileno(), r.bound.inherited)
		}
	}
}

// letGo has the supervisor close what it keeps of routes, and waits for that.
func (s *service) letGo(routes []*serving) {
	for _, r := range routes {
		if r.kept != "" {
			s.supervisor.Forget(r.kept)
			r.kept = ""
		}
	}
	if len(routes) > 0 {
		s.supervisor.Sync()
	}
}

// leave is before the drain: nobody is to come any more where this process was
// asked to end. Where it cannot go on, another will have its sockets.
func (s *service) leave() {
	switch {
	case s.supervisor == nil:
	case s.app.drain.Err() != nil:
		s.supervisor.Stopping(s.standing())
		s.letGo(s.routes)
	default:
		for _, r := range s.routes {
			r.route.SetShared(true)
		}
	}
}

// keptName is what the socket of a route is called there, as [inherit.NameOf]
// has it. Those that are typed alike are numbered: who hands them over may turn
// their order round.
func keptName(p planned, alike map[string]int) string {
	url := p.url()
	alike[url]++
	if n := alike[url]; n > 1 {
		return inherit.NameOf(url) + "-" + strconv.Itoa(n)
	}
	return inherit.NameOf(url)
}
