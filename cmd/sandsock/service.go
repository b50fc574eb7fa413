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
	app      *app
	flags    serveFlags
	host     *compilingHost
	journal  *journal
	refusals *refusals                   // tells the journal
	plugins  map[string]*wasmhost.Plugin // by the name that was typed
	bound    []bound                     // in the order of the plan
	routes   []*wasmhost.Route
	serves   map[string][]*wasmhost.Route // by the handler's name
}

func (a *app) serve(flags serveFlags, plan []planned) error {
	journal := newJournal(a.voice, flags.json, len(plan))
	refusals := newRefusals(journal.report)
	host, err := hostOf(wasmhost.Config{
		Network: a.network, Report: refusals.report,
		Limits: flags.limits.Limits, Budget: flags.limits.budget, Instances: flags.limits.instances,
	}, flags.mayLoad(plan), flags.cache)
	if err != nil {
		journal.close()
		return err
	}
	defer journal.close()
	s := &service{app: a, flags: flags, host: host, journal: journal, refusals: refusals, plugins: map[string]*wasmhost.Plugin{}, serves: map[string][]*wasmhost.Route{}}
	err = s.open(plan)
	for _, p := range s.plugins {
		_ = p.Close() // the routes hold what they serve
	}
	if err != nil {
		s.closeSockets()
		return errors.Join(a.orInterrupted(err), host.Close())
	}
	return errors.Join(s.runControlled(), host.Close())
}

// mayLoad returns the handlers of the plan, and stands for any file where one
// can be swapped in.
func (f *serveFlags) mayLoad(plan []planned) (names []string) {
	for _, p := range plan {
		names = append(names, p.handler)
	}
	if !f.control.none {
		names = append(names, "any.wasm")
	}
	return names
}

// open has every file and every socket before it loads the first plugin, which
// may take seconds: a port that is taken is told at once, and whoever connects
// meanwhile waits in the backlog. Nothing is served unless all can be.
func (s *service) open(plan []planned) error {
	files := map[string][]byte{}
	for _, p := range plan {
		if files[p.handler] != nil {
			continue
		}
		file, err := readPlugin(p.handler)
		if err != nil {
			return err
		}
		files[p.handler] = file
	}
	for _, p := range plan {
		if err := s.bind(p); err != nil {
			return err
		}
	}
	for i, p := range plan {
		if err := s.load(p.handler, files[p.handler]); err != nil {
			return err
		}
		if err := s.addRoute(p, s.bound[i]); err != nil {
			return err
		}
	}
	return nil
}

func (s *service) load(name string, file []byte) error {
	if s.plugins[name] != nil {
		return nil
	}
	plugin, err := s.host.Load(s.app.drain, name, file)
	if err != nil {
		return refused(name, file, err)
	}
	s.plugins[name] = plugin
	return nil
}

func (s *service) addRoute(p planned, b bound) error {
	name := routeName(p.typ, b.address)
	route, err := s.host.NewRoute(wasmhost.RouteConfig{
		Name: name, Socket: b.socket, Plugin: s.plugins[p.handler], Env: s.flags.env, Grants: s.flags.grants,
		Limits: s.flags.limits.of(p.handler),
	})
	if err != nil {
		return refused(p.handler, nil, err)
	}
	s.routes = append(s.routes, route)
	s.serves[p.handler] = append(s.serves[p.handler], route)
	s.journal.add(name, p.typ, b.address)
	return nil
}

// bound is a socket of a route, and where it is.
type bound struct {
	socket  core.Socket
	address netip.AddrPort
}

// bind opens the socket of a route, at the first address its name has.
func (s *service) bind(p planned) error {
	addresses, err := p.resolve(s.app.drain, s.app.network)
	if err != nil {
		return cannotListen(p, p.text, err)
	}
	address := addresses[0]
	socket, err := s.app.network.Socket(core.FamilyOf(address.Addr()), p.typ, 0)
	if err != nil {
		return cannotListen(p, core.PyAddress(address), err)
	}
	at, err := listen(socket, address, s.flags.backlog)
	if err != nil {
		_ = socket.Close()
		return cannotListen(p, core.PyAddress(address), err)
	}
	s.bound = append(s.bound, bound{socket, at})
	return nil
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
	for _, b := range s.bound {
		_ = b.socket.Close()
	}
}

// run serves until an interrupt, or until a route fails for good, and drains.
func (s *service) run() error {
	served := make(chan error, len(s.routes))
	for _, r := range s.routes {
		go func() { served <- s.serveRoute(r) }()
	}
	following := s.follow()
	var failed error
	left := len(s.routes)
	select {
	case failed = <-served:
		left--
	case <-s.app.drain.Done():
	}
	following()
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
