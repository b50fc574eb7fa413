package wasmhost

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"github.com/sandsock/sandsock/core"
)

// crowd is how many connections a route has, for the limits of that.
type crowd struct {
	all  int
	from map[netip.Addr]int // where there is a limit for an address
}

// enter counts a connection in. The error says why it has to stay out.
func (c *crowd) enter(peer netip.AddrPort, l *Limits) error {
	if l.Connections >= 0 && c.all >= l.Connections {
		return fmt.Errorf("%d at once is the limit", l.Connections)
	}
	if l.PerAddress >= 0 {
		from := peer.Addr().Unmap()
		if c.from[from] >= l.PerAddress {
			return fmt.Errorf("it is from %s, and %d at once is the limit of an address", from, l.PerAddress)
		}
		if c.from == nil {
			c.from = make(map[netip.Addr]int)
		}
		c.from[from]++
	}
	c.all++
	return nil
}

// leave is called with the limits the connection entered with: others may have
// come since, and begin to count addresses.
func (c *crowd) leave(peer netip.AddrPort, l *Limits) {
	c.all--
	if l.PerAddress < 0 {
		return
	}
	from := peer.Addr().Unmap()
	switch n := c.from[from]; {
	case n > 1:
		c.from[from] = n - 1
	case n == 1:
		delete(c.from, from)
	}
}

// visit is one connection, or one call for a datagram.
type visit struct {
	conn    int64 // its number on the route
	peer    netip.AddrPort
	space   *space
	version *version
}

// errAside keeps out what comes to a handler that is set aside.
var errAside = errors.New("the handler is set aside")

// begin counts a connection in, numbers it and gives it the version it goes on
// with: release lets go of that. The error is ErrDraining, errAside, or says
// what limit keeps it out. A stream that was accepted is served also while the
// route drains: see lastCall.
func (r *Route) begin(peer netip.AddrPort) (*visit, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch {
	case r.cutting, r.draining && r.Socket.Type() == core.SOCK_DGRAM:
		return nil, ErrDraining
	case r.current.quarantine.aside(time.Now()):
		r.counts.Refused++
		return nil, errAside
	}
	limits := &r.current.terms.Limits
	if err := r.crowd.enter(peer, limits); err != nil {
		r.counts.Refused++
		return nil, err
	}
	v := &visit{peer: peer, version: r.current, space: r.host.newSpace(r.current.plugin, r.current.snapshot, limits)}
	if err := v.space.enter(); err != nil {
		r.crowd.leave(peer, limits)
		r.counts.Refused++
		return nil, err
	}
	r.next++
	v.conn = r.next
	v.version.visits++
	r.working.Add(1)
	return v, nil
}

// depart frees a connection's place, before its client can see the end and
// come again.
func (r *Route) depart(v *visit, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.counts.ended(err)
	r.crowd.leave(v.peer, &v.version.terms.Limits)
}

// refused tells of connections that were closed as they came. It belongs to
// the goroutine that accepts.
type refused struct {
	burst
	why error
}

func (r *Route) refuse(refused *refused, why error) {
	refused.why = why
	r.sayRefused(refused.add(time.Now()), why)
}

func (r *Route) sayRefused(n int, why error) {
	switch {
	case n == 1:
		r.trouble("refused a connection: " + why.Error())
	case n > 1:
		r.trouble(fmt.Sprintf("refused %d connections, the last one: %v", n, why))
	}
}

func (r *Route) trouble(text string) { r.report(Report{Event: EventTrouble, Error: text}) }
