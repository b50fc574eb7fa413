package main

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
	"github.com/sandsock/sandsock/cmd/sandsock/notify"
	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost"
)

// service is the routes of one `sandsock serve`, from their plugins to the
// last connection. Routes come and go in one goroutine, that of run.
type service struct {
	app        *app
	flags      serveFlags
	host       *compilingHost
	journal    *journal
	refusals   *refusals // tells the journal
	served     chan outcome
	supervisor *notify.Supervisor // nil where there is none
	restarted  bool               // should it die: by a supervisor of ours
	inherits   inherit.Set        // until the first plan has what it wants of it
	unwanted   []*serving         // of which the supervisor may have sockets that no route wants
	takeover   *takeover          // nil where it succeeds nobody
	metricsOn  *inherit.Socket    // nil where that is a socket of its own
	begun      func()             // is called when the first plan is served
	left       int                // routes whose Serve goes on
	leaving    sync.WaitGroup     // of routes that are gone from the plan, and drain
	changing   chan struct{}      // has room for the one who swaps or changes the plan

	mu     sync.Mutex       // to read these elsewhere, and to change them
	routes []*serving       // in the order of the plan
	parted []*parted        // until they are drained
	went   int              // how many ever parted
	before []control.Before // whom it succeeded
}

// serving is a route of the service.
type serving struct {
	planned
	bound bound
	route *wasmhost.Route
	gone  bool          // from the plan
	kept  string        // its name among the sockets that the supervisor keeps; empty where it does not
	over  chan struct{} // closed when it accepts no more
}

// outcome is how a route's Serve ended.
type outcome struct {
	of  *serving
	err error
}

// serve serves a plan. A configuration file, where it is not nil, changes the
// plan.
func (a *app) serve(flags serveFlags, plan []planned, config *follower) error {
	inherits, taking, err := a.inherit(flags)
	if err != nil {
		return err
	}
	defer taking.close()
	journal := newJournal(a.voice, flags.json, len(plan))
	defer journal.close()
	refusals := newRefusals(journal.report)
	limits := flags.limits.Limits
	if config != nil {
		limits.Memory = mostMemory // each route has its own
	}
	boundGarbage(flags.limits.budget)
	host, err := flags.host(wasmhost.Config{
		Network: a.network, Report: refusals.report,
		Limits: limits, Budget: flags.limits.budget, Instances: flags.limits.instances, Without: leftOut,
	}, plan)
	if err != nil {
		return err
	}
	s := &service{
		app: a, flags: flags, host: host, journal: journal, refusals: refusals, inherits: inherits, takeover: taking,
		served: make(chan outcome), changing: make(chan struct{}, 1), begun: func() {},
	}
	defer s.supervised()()
	first, err := s.prepare(plan)
	if err != nil {
		return errors.Join(a.orInterrupted(err), host.Close())
	}
	return errors.Join(s.runControlled(first, config), host.Close())
}

// host makes the host for a plan, or for any file where others may come later:
// swapped in, or with another plan.
func (f *serveFlags) host(config wasmhost.Config, plan []planned) (*compilingHost, error) {
	if f.file != "" || !f.control.none {
		return hostOfAny(config, f.cache)
	}
	var names []string
	for _, p := range plan {
		names = append(names, p.handler)
	}
	return hostOf(config, names, f.cache)
}

// all returns the routes of the plan. It may be called from any goroutine.
func (s *service) all() (routes []*wasmhost.Route) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.routes {
		routes = append(routes, r.route)
	}
	return routes
}

// bound is a socket of a route, and where it is.
type bound struct {
	socket    core.Socket
	address   netip.AddrPort
	inherited bool // somebody else has it, too
	listens   bool // already, with the backlog of who opened it
}

// resolve returns the first address that a route's name has.
func (s *service) resolve(p planned) (netip.AddrPort, error) {
	addresses, err := p.resolve(s.app.drain, s.app.network)
	if err != nil {
		return netip.AddrPort{}, p.atListen(cannotListen(p, p.text, err))
	}
	return addresses[0], nil
}

// bind opens the socket of a route.
func (s *service) bind(p planned, address netip.AddrPort) (b bound, err error) {
	socket, err := s.app.network.Socket(core.FamilyOf(address.Addr()), p.typ, 0)
	if err != nil {
		return b, p.atListen(cannotListen(p, core.PyAddress(address), err))
	}
	at, err := listen(socket, address, p.backlog)
	if err != nil {
		_ = socket.Close()
		return b, p.atListen(cannotListen(p, core.PyAddress(address), err))
	}
	return bound{socket: socket, address: at}, nil
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

// run serves until an interrupt, or until a route fails for good, and drains.
func (s *service) run(first *change, config *follower) error {
	var failed error
	s.entrust(first) // before anybody is told where it serves
	s.supervisor.Ready(standing("serving", len(first.routes), 0))
	s.commit(first)
	s.begun()
	endFollowing := s.follow()
	endConfig := s.followConfig(config)
	s.host.expectFiles()
	for going := true; going; {
		select {
		case o := <-s.served:
			going = s.ended(o, &failed)
		case saved := <-config.changed():
			if config.knows(saved) {
				continue
			}
			endFollowing()
			s.reload(config, saved)
			endFollowing = s.follow()
		case <-s.app.drain.Done():
			going = false
		}
	}
	s.journal.left(s.connectionsParted())
	s.leave()
	endConfig()
	endFollowing()
	cut := s.drain()
	for s.left > 0 {
		s.ended(<-s.served, &failed)
	}
	s.leaving.Wait()
	s.journal.done()
	if failed == nil {
		failed = cut
	}
	return failed
}

// ended is told of the end of a route's Serve, and reports whether the others
// go on: they do where it is gone from the plan.
func (s *service) ended(o outcome, failed *error) bool {
	s.left--
	if o.of.gone {
		return true
	}
	if o.err != nil && *failed == nil {
		*failed = &failure{code: exitFailed, text: fmt.Sprintf("%s cannot go on: %v", o.of.route.Name, o.err)}
	}
	return false
}

// begin serves a route that was made.
func (s *service) begin(r *serving) {
	s.left++
	r.over = make(chan struct{})
	go func() {
		err := r.route.Serve()
		close(r.over)
		s.served <- outcome{r, err}
	}()
}

// remove drains a route, while the others go on. Of a stream's it waits until
// the address is free for a later plan: that is at once, where a handler of
// datagrams may still be at work. Its status is told until the drain ends.
func (s *service) remove(r *serving) {
	r.gone = true
	s.journal.remove(r.route.Name)
	gone := s.part(r)
	s.leaving.Go(func() {
		_ = r.route.Drain(s.app.cut)
		s.forget(gone)
	})
	if r.typ == core.SOCK_STREAM {
		<-r.over
	}
}

// drain ends all routes. Its error is the interrupt that cut them.
func (s *service) drain() error {
	var all sync.WaitGroup
	errs := make([]error, len(s.routes))
	for i, r := range s.routes {
		all.Go(func() { errs[i] = r.route.Drain(s.app.cut) })
	}
	all.Wait()
	for _, err := range errs {
		if err != nil {
			return context.Cause(s.app.cut)
		}
	}
	return nil
}
