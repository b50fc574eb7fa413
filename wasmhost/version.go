package wasmhost

import (
	"context"
	"errors"
	"time"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// Version is what is to be known of one handler of a route: the first, or one
// that a swap brought.
type Version struct {
	Number  int64  // on its route, from 1
	Handler string // the plugin's name
	Digest  string // the SHA-256 of its file, in hexadecimal
	Open    int    // connections that are served by it
	Aside   bool   // it traps again and again, and is tried later
}

// version is one handler of a route, from the swap that brought it to the end
// of its last connection. It holds its plugin.
type version struct {
	number     int64
	plugin     *Plugin
	terms      Terms     // with all limits filled in
	snapshot   *snapshot // nil: each instance initializes itself
	quarantine quarantine

	// The route's lock is held for these.
	visits  int         // connections that began with it and are not over
	retired bool        // another gets what comes
	limit   *time.Timer // cuts what is left of it; nil where it has no need
	overdue string      // why a guest that still enters is stopped
}

// Versions returns the handlers that serve: the one that gets what comes, and
// after it those that still have connections, in no order.
func (r *Route) Versions() []Version {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.versions()
}

// versions is called with the route's lock held.
func (r *Route) versions() []Version {
	all := []Version{r.current.describe()}
	for v := range r.old {
		all = append(all, v.describe())
	}
	return all
}

// describe is called with the route's lock held.
func (v *version) describe() Version {
	return Version{
		Number: v.number, Handler: v.plugin.name, Digest: v.plugin.digest,
		Open: v.visits, Aside: v.quarantine.aside(time.Now()),
	}
}

// report is an empty report of something that happened to the version.
func (v *version) report() Report {
	return Report{Version: v.number, Handler: v.plugin.name, Digest: v.plugin.digest}
}

// newVersion makes a plugin ready to serve the route: it is initialized, its
// state is kept, and an instance is made of that, which the first connection
// gets. Guest code runs until the context ends, at most.
func (r *Route) newVersion(ctx context.Context, number int64, p *Plugin, terms Terms) (*version, error) {
	if err := p.want(module.Handler); err != nil {
		return nil, err
	}
	if err := r.host.admits(p, terms.Limits); err != nil {
		return nil, err
	}
	if !p.retain() {
		return nil, &LoadError{p.name, "is closed"}
	}
	v := &version{number: number, plugin: p, terms: terms}
	ctx, cancel := context.WithTimeoutCause(ctx, initializeWithin, errInitializeLong)
	defer cancel()
	err := r.takeSnapshot(ctx, v)
	if err == nil && v.snapshot != nil {
		err = r.probe(ctx, v, func(g *instance) error {
			err := g.instantiate()
			g.sound = err == nil
			return err
		})
	}
	if err != nil {
		v.close()
		return nil, err
	}
	return v, nil
}

// initializeWithin bounds how long a handler may take to initialize itself.
const initializeWithin = 10 * time.Second

var errInitializeLong = errors.New("took more than " + durationText(initializeWithin))

// probe does something with an instance that has no connection.
func (r *Route) probe(ctx context.Context, v *version, do func(g *instance) error) error {
	g := r.guest(&visit{version: v}, &lines{route: r, entry: v.report()})
	defer g.close()
	stop := context.AfterFunc(ctx, g.cancel)
	defer stop()
	err := ending(do(g))
	switch {
	case err == nil:
		return nil
	case err == errStopped && context.Cause(ctx) != errInitializeLong:
		return context.Cause(ctx)
	case err == errStopped:
		err = errInitializeLong
	}
	return &LoadError{v.plugin.name, "cannot be initialized: " + escape([]byte(err.Error()))}
}

// retire is called with the route's lock held, once another version gets what
// comes. It reports whether nothing holds it any more.
func (r *Route) retire(v *version) (over bool) {
	if v.retired {
		return false
	}
	v.retired = true
	if v.visits == 0 {
		return true
	}
	r.old[v] = struct{}{}
	r.limitDrain(v, "its handler was swapped")
	return false
}

// limitDrain cuts what is left of a version when the limit is over, which begins
// with what has happened. The lock is held.
func (r *Route) limitDrain(v *version, happened string) {
	if limit := v.terms.Limits.drain(r.Socket.Type()); limit > 0 {
		reason := "went on for " + durationText(limit) + " after " + happened + ", the limit of draining"
		v.limit = time.AfterFunc(limit, func() { r.cutVersion(v, reason) })
	}
}

// cutVersion stops every guest of a version, and those that are on their way.
func (r *Route) cutVersion(v *version, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v.overdue = reason
	for g, seen := range r.guests {
		if seen.version == v {
			g.stopAt(reason)
		}
	}
}

// release ends a visit's hold on its version, once its instance is closed. The
// last one ends a version that was retired.
func (r *Route) release(v *version) {
	r.mu.Lock()
	v.visits--
	over := v.retired && v.visits == 0
	if over {
		delete(r.old, v)
	}
	r.mu.Unlock()
	if over {
		r.finish(v)
	}
}

// finish frees what a version has, which nothing holds any more.
func (r *Route) finish(v *version) {
	v.close()
	r.report(v.report().as(EventRetired))
}

func (v *version) close() {
	if v.limit != nil {
		v.limit.Stop()
	}
	if v.snapshot != nil {
		v.snapshot.close()
	}
	v.plugin.release()
}

// serving reports whether connections still come to a version.
func (r *Route) serving(v *version) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return !v.retired
}
