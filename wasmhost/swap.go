package wasmhost

import (
	"context"
	"errors"
	"time"

	"github.com/sandsock/sandsock/core"
)

// ErrDraining is the error of a swap on a route that drains.
var ErrDraining = errors.New("the route drains")

// ErrNoVersionBefore is the error of [Route.Rollback] where there is nothing to
// go back to: no swap came since the first handler, or since the last rollback.
var ErrNoVersionBefore = errors.New("there is no version before this one")

// Swap gives what comes from now on to another handler, and returns its
// version. Connections go on with the version they began with, until they end
// or reach [Limits.Drain]. No connection is refused or cut for it, and no
// datagram lost.
//
// The plugin is first initialized, once, beside what the route serves. Where
// that fails, or the context ends, nothing changes: the error is a [*LoadError],
// the context's cause, or [ErrDraining]. The plugin may be closed afterwards: the
// route holds it for as long as it has a use for it, which is also while it is
// the version before. Swap may be called from any goroutine; swaps of a route
// are done one at a time.
func (r *Route) Swap(ctx context.Context, p *Plugin) (Version, error) {
	return r.swapping(ctx, func(ctx context.Context) (Version, error) { return r.swap(ctx, p, p.took, "") })
}

// Ready is a version that is initialized, and waits to serve. It is swapped in
// or closed, once; both may be called after the route has drained.
type Ready struct {
	route   *Route
	version *version
	took    time.Duration
}

// Prepare does what [Route.Swap] does but for the swap itself, and with other
// terms: they count for what comes after it. So several routes can be made
// ready, and nothing changes unless all of them are. Without a plugin it is the
// one that serves now. The errors are those of [Route.Swap], or say which limit
// cannot be.
func (r *Route) Prepare(ctx context.Context, p *Plugin, terms Terms) (ready *Ready, err error) {
	if err := terms.Limits.check(); err != nil {
		return nil, err
	}
	_, err = r.swapping(ctx, func(ctx context.Context) (Version, error) {
		loaded := p != nil
		if !loaded {
			p = r.current.plugin
		}
		if ready, err = r.prepare(ctx, p, r.host.terms(terms)); err == nil && loaded {
			ready.took += p.took
		}
		return Version{}, err
	})
	return ready, err
}

// Swap gives what comes from now on to the version. Its error is [ErrDraining].
func (n *Ready) Swap() (Version, error) {
	n.route.oneSwap.Lock()
	defer n.route.oneSwap.Unlock()
	return n.swap("")
}

// Close frees what was made ready.
func (n *Ready) Close() { n.version.close() }

// terms fills in what is as the host's.
func (h *Host) terms(t Terms) Terms {
	t.Limits = t.Limits.or(h.config.Limits)
	return t
}

// Rollback swaps back to the handler before, which becomes a version of its
// own. The one that it replaces is forgotten: to roll back twice is
// [ErrNoVersionBefore]. The other errors are those of [Route.Swap].
func (r *Route) Rollback(ctx context.Context) (Version, error) {
	return r.swapping(ctx, func(ctx context.Context) (Version, error) { return r.rollback(ctx, "") })
}

// swapping keeps a drain waiting for a swap, which it ends early.
func (r *Route) swapping(ctx context.Context, do func(context.Context) (Version, error)) (Version, error) {
	if !r.open() {
		return Version{}, ErrDraining
	}
	defer r.working.Done()
	r.oneSwap.Lock()
	defer r.oneSwap.Unlock()
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer context.AfterFunc(r.life, func() { cancel(ErrDraining) })()
	return do(ctx)
}

// swap is called with oneSwap held. Loading is how long the plugin took to load,
// where that was for this swap; why is the host's own reason, if any.
func (r *Route) swap(ctx context.Context, p *Plugin, loading time.Duration, why string) (Version, error) {
	n, err := r.prepare(ctx, p, r.current.terms)
	if err != nil {
		return Version{}, err
	}
	n.took += loading
	return n.swap(why)
}

// prepare is called with oneSwap held.
func (r *Route) prepare(ctx context.Context, p *Plugin, terms Terms) (*Ready, error) {
	began := time.Now()
	v, err := r.newVersion(ctx, r.current.number+1, p, terms)
	if err != nil {
		return nil, err
	}
	return &Ready{route: r, version: v, took: time.Since(began)}, nil
}

// swap is called with oneSwap held.
func (n *Ready) swap(why string) (Version, error) {
	began := time.Now()
	r, v := n.route, n.version
	r.mu.Lock()
	if r.draining {
		r.mu.Unlock()
		v.close()
		return Version{}, ErrDraining
	}
	old := r.current
	v.number = old.number + 1
	forgotten := r.replaced(old, v)
	r.current = v
	r.logRate.is(v.terms.Limits.Log)
	r.counts.Swaps++
	over := r.retire(old)
	if r.watching {
		r.watchAgain()
	}
	r.recall()
	report := v.report().as(EventSwapped)
	for o := range r.old {
		report.Open += o.visits
	}
	now := v.describe()
	r.mu.Unlock()
	forgotten.release()
	report.Took, report.Error = n.took+time.Since(began), why
	r.report(report)
	if over {
		r.finish(old)
	} else {
		old.snapshot.thin()
	}
	return now, nil
}

// replaced keeps the plugin of an old version, to roll back to, and returns the
// one that is forgotten for it. Where only the terms change, or the file is the
// same again, there is nothing to go back to that is not there before: or who
// swaps the same bad file in twice could not go back any more. The lock is held.
func (r *Route) replaced(old, by *version) (forgotten *Plugin) {
	if by.plugin.digest == old.plugin.digest {
		return nil
	}
	old.plugin.retain()
	forgotten, r.before = r.before, old.plugin
	return forgotten
}

// rollback is called with oneSwap held.
func (r *Route) rollback(ctx context.Context, why string) (Version, error) {
	if r.before == nil {
		return Version{}, ErrNoVersionBefore
	}
	now, err := r.swap(ctx, r.before, 0, why)
	if err == nil {
		r.forget()
	}
	return now, err
}

// forget lets go of the version before.
func (r *Route) forget() {
	r.mu.Lock()
	before := r.before
	r.before = nil
	r.mu.Unlock()
	before.release()
}

// takeOver puts the version before in the place of one that traps again and
// again. It reports whether there was one, and it works.
func (r *Route) takeOver(bad *version) bool {
	r.oneSwap.Lock()
	defer r.oneSwap.Unlock()
	if r.current != bad {
		return true // somebody was faster
	}
	_, err := r.rollback(r.life, "set aside, since it traps again and again: the version before takes over")
	if err != nil && err != ErrNoVersionBefore && !errors.Is(err, ErrDraining) {
		r.trouble("the version before cannot take over: " + err.Error())
	}
	return err == nil
}

// recall asks the guest of a datagram route, where one is at work, for the
// socket: it may still take the datagram it was called for, and answer. Its
// next receive is ECANCELED, also one that waits already. The lock is held.
func (r *Route) recall() {
	if r.lent != nil && !r.draining {
		r.lent.recalled.Store(true)
		r.Socket.SetCanceled(true)
	}
}

// lend and takeBack are around the work of a datagram route's guest. A swap, or
// a drain, may have come since the guest's version was chosen.
func (r *Route) lend(l *loan, to *version) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lent = l
	if to != r.current {
		r.recall()
	}
	if r.draining && r.shared {
		l.recalled.Store(true)
	}
}

func (r *Route) takeBack() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.lent = nil
	if !r.draining { // the guest may have been recalled, or stopped
		r.Socket.SetCanceled(false)
	}
}

// drain is how long connections of an old version may go on. A datagram route
// has one guest at a time, and what comes waits for it.
func (l Limits) drain(typ core.Type) time.Duration {
	const datagrams = time.Second
	if typ == core.SOCK_DGRAM && (l.Drain < 0 || l.Drain > datagrams) {
		return datagrams
	}
	return l.Drain
}
