package wasmhost

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/sandsock/sandsock/core"
)

// RouteConfig is what a [Route] is made of. Socket and Plugin are required.
type RouteConfig struct {
	// Name stands in every report; tcp://127.0.0.1:6565 by custom.
	Name string

	// Socket is a listening stream socket, or a bound datagram socket. The
	// route owns it from now on, and closes it.
	Socket core.Socket

	// Plugin is the handler that the route begins with: see [Route.Swap]. The
	// route holds it, so that the caller may close it.
	Plugin *Plugin

	// Env is the handler's environment, NAME=value.
	Env []string

	// Grants is what the handler may do beside its own connection: nothing
	// where it is nil.
	Grants core.Grants

	// Limits bound the handler; what is zero is as the host's.
	Limits Limits
}

// Terms are what a handler is given and held to: the fields of [RouteConfig]
// that a swap can change.
type Terms struct {
	Env    []string
	Grants core.Grants
	Limits Limits
}

// Route gives what comes to one socket to a handler.
type Route struct {
	host        *Host
	RouteConfig // without its Plugin and its terms: the versions have theirs

	life    context.Context // ends when the route drains
	endLife context.CancelCauseFunc
	logRate logRate
	oneSwap sync.Mutex // held to change current and before, beside mu

	mu       sync.Mutex
	current  *version              // of what comes
	before   *Plugin               // to roll back to; nil for none
	old      map[*version]struct{} // those that still have connections
	lent     *loan                 // of the guest at work on a datagram route
	draining bool
	shared   bool  // the socket: see SetShared
	cutting  bool  // a guest that enters is stopped
	next     int64 // number of the last connection
	crowd    crowd
	counts   Counts                  // but Connections, which is next
	guests   map[*instance]*sighting // at work
	watch    *time.Timer             // see watch.go
	watching bool                    // the timer runs
	end      sync.Once               // reports the drain once
	working  sync.WaitGroup          // Serve, and connections from accept to close
}

// NewRoute makes a route; [Route.Serve] begins it. The plugin is initialized,
// for which it has ten seconds: the error is a [*LoadError] where it is no
// handler, cannot be initialized, or wants more than the limits. With an error
// the socket is still the caller's.
func (h *Host) NewRoute(config RouteConfig) (*Route, error) {
	if config.Socket == nil || config.Plugin == nil {
		return nil, errors.New("wasmhost: RouteConfig.Socket and Plugin are required")
	}
	if err := config.Limits.check(); err != nil {
		return nil, err
	}
	terms := h.terms(Terms{Env: config.Env, Grants: config.Grants, Limits: config.Limits})
	r := &Route{
		host: h, RouteConfig: RouteConfig{Name: config.Name, Socket: config.Socket},
		old:     make(map[*version]struct{}),
		logRate: logRate{limit: terms.Limits.Log},
		guests:  make(map[*instance]*sighting),
	}
	r.life, r.endLife = context.WithCancelCause(context.Background())
	var err error
	if r.current, err = r.newVersion(r.life, 1, config.Plugin, terms); err != nil {
		return nil, err
	}
	h.routes.add(r)
	return r, nil
}

// Serve takes connections until the route is drained, which is its end
// without an error, or its socket fails for good, which is an error of
// package core. It returns when it accepts no more; connections may go on, each
// in a goroutine of its own. It is called once.
func (r *Route) Serve() error {
	if !r.open() {
		return nil
	}
	defer r.working.Done()
	defer r.Socket.Close()
	r.report(Report{Event: EventServing})
	if r.Socket.Type() == core.SOCK_DGRAM {
		return r.serveDatagrams()
	}
	return r.serveStreams()
}

// SetShared tells the route whether another process has its socket, too. Drain
// then does nothing to the socket that would outlast the route's use of it, and
// leaves what comes to the other. It may be called from any goroutine.
func (r *Route) SetShared(on bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.shared = on
}

// Drain makes the route accept no more, at once, and waits until its socket is
// closed and its last connection has ended, or was stopped at [Limits.Drain].
// When the context ends first, the handlers that are left are stopped, and Drain
// returns the context's error once they are gone.
// It may be called from any goroutine, and again with another context.
func (r *Route) Drain(ctx context.Context) error {
	r.stopAccepting()
	gone := make(chan struct{})
	go func() {
		r.working.Wait()
		close(gone)
	}()
	defer r.end.Do(func() { r.report(Report{Event: EventDrained}) })
	defer r.Socket.Close() // where Serve was never called
	defer r.host.routes.remove(r)
	defer r.endVersions()
	select {
	case <-gone:
		return nil
	case <-ctx.Done():
		r.cut()
		<-gone
		return context.Cause(ctx)
	}
}

func (r *Route) stopAccepting() {
	r.mu.Lock()
	again, open := r.draining, len(r.guests)
	r.draining = true
	if r.shared && r.lent != nil {
		r.lent.recalled.Store(true) // the next datagram is the other's
	}
	if !again {
		r.limitDrain(r.current, "its route began to drain")
	}
	r.mu.Unlock()
	if !again {
		r.endLife(ErrDraining)
		r.report(Report{Event: EventDraining, Open: open})
		r.Socket.SetCanceled(true) // once: the last call takes it back
	}
}

// endVersions frees what the route has of its handlers, once nobody is at work.
func (r *Route) endVersions() {
	r.mu.Lock()
	last := r.current
	over := r.retire(last)
	r.mu.Unlock()
	r.forget()
	if over {
		last.close()
	}
}

// cut stops every guest at work, and those that are on their way to it.
func (r *Route) cut() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.cutting = true
	for g := range r.guests {
		g.cancel()
	}
}

// open counts Serve in, so that Drain waits until the socket is closed; false
// where the route drains.
func (r *Route) open() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.draining {
		r.working.Add(1)
	}
	return !r.draining
}

// enter and leave keep the guests that a cut stops.
func (r *Route) enter(g *instance, v *version) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	r.guests[g] = &sighting{version: v, began: now, since: now}
	r.startWatch()
	switch {
	case r.cutting:
		g.cancel()
	case v.overdue != "":
		g.stopAt(v.overdue)
	}
}

func (r *Route) leave(g *instance) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts.used(g)
	delete(r.guests, g)
}

func (r *Route) drained() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.draining
}

// report adds what all reports of the route have. One that is of no version in
// particular is of the current one.
func (r *Route) report(report Report) {
	if report.Version == 0 {
		r.mu.Lock()
		current := r.current.report()
		r.mu.Unlock()
		report.Version, report.Handler, report.Digest = current.Version, current.Handler, current.Digest
	}
	report.Route = r.Name
	r.host.config.Report(report)
}
