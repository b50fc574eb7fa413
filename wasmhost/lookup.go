package wasmhost

import (
	"context"
	"net/netip"
	"strconv"
	"time"

	"github.com/sandsock/sandsock/core"
)

// This file asks for names on behalf of guests: only those a guest may, not
// often, and not for long. What it remembers is what a name's grant covers.

const (
	// lookUpTime is how long one name may take; then it is EAI_AGAIN. A guest's
	// second try finds the answer that was late in the resolver's cache.
	lookUpTime = 2 * time.Second

	// A guest may ask for lookUpBurst names at once, and for another one each
	// lookUpEvery.
	lookUpBurst = 32
	lookUpEvery = 100 * time.Millisecond

	// lookUpsAtOnce bounds the sockets a host's guests occupy by asking.
	lookUpsAtOnce = 64

	// maxAnswers is how many addresses of a name are used.
	maxAnswers = 64

	// resolvedFor is how long a name's grant covers what the name resolved to.
	// No resolver of the standard library tells how long an answer is good: this
	// is the shortest that names in use commonly say.
	resolvedFor = time.Minute

	// maxResolved bounds what a guest can make the host remember; the oldest
	// goes first.
	maxResolved = 256
)

// guestResolver resolves names for one call of a guest.
type guestResolver struct {
	*instance
	call string
	use  core.Use
	text string // what the guest wrote: the name, with the port where there is one
	name string // what was resolved
}

// GetAddrInfo implements [core.Resolver].
func (r *guestResolver) GetAddrInfo(ctx context.Context, name string, family core.Family) ([]netip.Addr, error) {
	if !r.unguarded() && !r.grants.AllowsName(name) {
		return nil, r.deny(r.call, strconv.Quote(name), r.use, r.text)
	}
	found, err := r.ask(ctx, name, family)
	if err != nil {
		return nil, err
	}
	found = found[:min(len(found), maxAnswers)]
	r.name = name
	for _, ip := range found {
		r.resolved.remember(resolution{ip.Unmap(), name, time.Now().Add(resolvedFor)})
	}
	return found, nil
}

// ask asks the network. What comes too often or takes too long is EAI_AGAIN.
func (g *instance) ask(ctx context.Context, name string, family core.Family) ([]netip.Addr, error) {
	if !g.lookUps.take(time.Now()) {
		return nil, core.EAI_AGAIN
	}
	ctx, cancel := context.WithTimeout(ctx, lookUpTime)
	defer cancel()
	select {
	case g.host.asking <- struct{}{}:
		defer func() { <-g.host.asking }()
	case <-ctx.Done():
		return nil, lookUpEnd(ctx)
	}
	found, err := g.host.config.Network.GetAddrInfo(ctx, name, family)
	if err != nil && ctx.Err() != nil {
		err = lookUpEnd(ctx)
	}
	return found, err
}

func lookUpEnd(ctx context.Context) error {
	if ctx.Err() == context.DeadlineExceeded {
		return core.EAI_AGAIN
	}
	return core.ECANCELED
}

// allowance is how many names a guest may still ask for at a time. The zero
// value is a full one.
type allowance struct{ since time.Time } // when it would have been empty

func (a *allowance) take(now time.Time) bool {
	if full := now.Add(-lookUpBurst * lookUpEvery); a.since.Before(full) {
		a.since = full
	}
	if now.Sub(a.since) < lookUpEvery {
		return false
	}
	a.since = a.since.Add(lookUpEvery)
	return true
}

// resolution is one answer to a guest: a name's grant covers what the name
// resolved to.
type resolution struct {
	ip      netip.Addr
	name    string
	expires time.Time
}

type resolutions []resolution

func (r *resolutions) remember(one resolution) {
	list := *r
	for i, have := range list {
		if have.ip == one.ip && have.name == one.name {
			list[i].expires = one.expires
			return
		}
	}
	if len(list) == maxResolved {
		list = append(list[:0], list[1:]...)
	}
	*r = append(list, one)
}

// names returns the host names this guest has lately resolved to an address,
// with the one that it just did.
func (g *instance) names(address netip.AddrPort, name string) (names []string) {
	if name != "" {
		names = append(names, name)
	}
	if len(g.resolved) == 0 {
		return names
	}
	ip, now := address.Addr().Unmap(), time.Now()
	for _, r := range g.resolved {
		if r.ip == ip && now.Before(r.expires) {
			names = append(names, r.name)
		}
	}
	return names
}

func getAddrInfo(g *instance, a args) (int32, error) {
	name, err := g.text(a.u32(0), a.u32(1), core.EAI_NONAME)
	if err != nil {
		return 0, err
	}
	buf, err := g.result(a.u32(3), a.u32(4))
	if err != nil {
		return 0, err
	}
	found, err := g.lookUp(name, core.Family(a.i32(2)))
	if err != nil {
		return 0, err
	}
	return int32(storeLines(buf, found)), nil
}

// lookUp is getaddrinfo. A literal needs no grant and nobody is asked, but for
// the number of an interface that it names.
func (g *instance) lookUp(name string, family core.Family) ([]netip.Addr, error) {
	if family != core.AF_UNSPEC && family != core.AF_INET && family != core.AF_INET6 {
		return nil, core.EAI_FAMILY
	}
	host, err := core.ParseHost(name)
	if err != nil {
		return nil, err
	}
	if host.Host != "" {
		resolver := &guestResolver{instance: g, call: "getaddrinfo", use: core.UseResolve, text: host.Host}
		return resolver.GetAddrInfo(g, host.Host, family)
	}
	if zone := host.IP.Zone(); zone != "" && !isNumber(zone) {
		if err := g.allow("getaddrinfo", core.UseResolve, netip.AddrPortFrom(host.IP, 0), ""); err != nil {
			return nil, err
		}
	}
	return g.host.config.Network.GetAddrInfo(g, name, family)
}

func isNumber(zone string) bool {
	_, err := strconv.ParseUint(zone, 10, 32)
	return err == nil
}

// storeLines stores an address a line, cut at a line's end, and returns the
// full length.
func storeLines(buf []byte, found []netip.Addr) int {
	full, fits := 0, true
	for _, ip := range found {
		line := ip.String() + "\n"
		if fits = fits && full+len(line) <= len(buf); fits {
			copy(buf[full:], line)
		}
		full += len(line)
	}
	return full
}
