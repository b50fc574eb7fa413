package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost"
)

// service is the routes of one `sandsock serve`, from their plugins to the
// last connection.
type service struct {
	app     *app
	flags   serveFlags
	host    *compilingHost
	journal *journal
	plugins map[string]*wasmhost.Plugin // by the name that was typed
	sockets []core.Socket               // as long as no route serves
	routes  []*wasmhost.Route
}

func (a *app) serve(flags serveFlags, plan []planned) error {
	journal := newJournal(a.voice, flags.json, len(plan))
	host, err := hostOf(wasmhost.Config{
		Network: a.network, Report: journal.report,
		Limits: flags.limits.Limits, Budget: flags.limits.budget, Instances: flags.limits.instances,
	}, handlersOf(plan), flags.cache)
	if err != nil {
		journal.close()
		return err
	}
	defer journal.close()
	s := &service{app: a, flags: flags, host: host, journal: journal, plugins: map[string]*wasmhost.Plugin{}}
	if err := s.open(plan); err != nil {
		s.closeSockets()
		return errors.Join(a.orInterrupted(err), host.Close())
	}
	return errors.Join(s.run(), host.Close())
}

func handlersOf(plan []planned) (names []string) {
	for _, p := range plan {
		names = append(names, p.handler)
	}
	return names
}

// open loads every plugin, then binds every socket, so that nothing is served
// unless all can be.
func (s *service) open(plan []planned) error {
	for _, p := range plan {
		if err := s.load(p.handler); err != nil {
			return err
		}
	}
	for _, p := range plan {
		if err := s.addRoute(p); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) load(name string) error {
	if s.plugins[name] != nil {
		return nil
	}
	file, err := readPlugin(name)
	if err != nil {
		return err
	}
	plugin, err := s.host.Load(s.app.drain, name, file)
	if err != nil {
		return refused(name, file, err)
	}
	s.plugins[name] = plugin
	return nil
}

func (s *service) addRoute(p planned) error {
	socket, address, err := s.bind(p)
	if err != nil {
		return err
	}
	s.sockets = append(s.sockets, socket)
	name := routeName(p.typ, address)
	route, err := s.host.NewRoute(wasmhost.RouteConfig{
		Name: name, Socket: socket, Plugin: s.plugins[p.handler], Env: s.flags.env, Grants: s.flags.grants,
		Limits: s.flags.limits.of(p.handler),
	})
	if err != nil {
		return refused(p.handler, nil, err)
	}
	s.routes = append(s.routes, route)
	s.journal.add(name, p.typ, address)
	return nil
}

// bind opens the socket of a route, at the first address its name has.
func (s *service) bind(p planned) (core.Socket, netip.AddrPort, error) {
	addresses, err := p.resolve(s.app.drain, s.app.network)
	if err != nil {
		return nil, netip.AddrPort{}, cannotListen(p, p.text, err)
	}
	address := addresses[0]
	socket, err := s.app.network.Socket(core.FamilyOf(address.Addr()), p.typ, 0)
	if err != nil {
		return nil, address, cannotListen(p, core.PyAddress(address), err)
	}
	bound, err := listen(socket, address, s.flags.backlog)
	if err != nil {
		_ = socket.Close()
		return nil, address, cannotListen(p, core.PyAddress(address), err)
	}
	return socket, bound, nil
}

// listen binds a socket and, of a stream, begins to listen, as servers do: with
// SO_REUSEADDR, or the connections of a server that ended a minute ago would
// keep its port (socket(7)). Datagram sockets would share the port instead. It
// returns the address the socket has.
func listen(socket core.Socket, address netip.AddrPort, backlog int) (bound netip.AddrPort, err error) {
	stream := socket.Type() == core.SOCK_STREAM
	if stream {
		err = core.SetInt(socket, core.SOL_SOCKET, core.SO_REUSEADDR, 1)
	}
	if err == nil {
		err = socket.Bind(address)
	}
	if err == nil && stream {
		err = socket.Listen(backlog)
	}
	if err != nil {
		return bound, err
	}
	return socket.GetSockName()
}

func (s *service) closeSockets() {
	for _, socket := range s.sockets {
		_ = socket.Close()
	}
}

// run serves until an interrupt, or until a route fails for good, and drains.
func (s *service) run() error {
	served := make(chan error, len(s.routes))
	for _, r := range s.routes {
		go func() { served <- s.serveRoute(r) }()
	}
	var failed error
	left := len(s.routes)
	select {
	case failed = <-served:
		left--
	case <-s.app.drain.Done():
	}
	cut := s.drain()
	for range left {
		if err := <-served; failed == nil {
			failed = err
		}
	}
	s.journal.done()
	if failed == nil {
		failed = cut
	}
	return failed
}

func (s *service) serveRoute(r *wasmhost.Route) error {
	if err := r.Serve(); err != nil {
		return &failure{code: exitFailed, text: fmt.Sprintf("%s cannot go on: %v", r.Name, err)}
	}
	return nil
}

// drain ends all routes. Its error is the interrupt that cut them.
func (s *service) drain() error {
	var all sync.WaitGroup
	errs := make([]error, len(s.routes))
	for i, r := range s.routes {
		all.Go(func() { errs[i] = r.Drain(s.app.cut) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return context.Cause(s.app.cut)
		}
	}
	return nil
}
