package main

import (
	"slices"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
	"github.com/sandsock/sandsock/cmd/sandsock/supervise"
	"github.com/sandsock/sandsock/core"
)

// inherited returns the sockets of LISTEN_FDS.
func inherited() (inherit.Set, error) {
	set, err := inherit.Sockets()
	if err != nil {
		return nil, &failure{
			code: exitUsage, text: "cannot inherit sockets: " + err.Error(),
			next: "who sets LISTEN_FDS hands over listening sockets, with systemd: Accept=no",
		}
	}
	if supervise.IsSupervised() { // and lets go of them when this process is to end
		shared := supervise.Shared()
		for i, s := range set {
			s.Shared = shared[i]
		}
	}
	return set, nil
}

// inherit returns what there is to listen on before anything is bound: the
// sockets of LISTEN_FDS, and those of the server that is to be succeeded.
func (a *app) inherit(flags serveFlags) (inherit.Set, *takeover, error) {
	set, err := inherited()
	if err != nil || supervise.Served() || !flags.takeover { // who served had succeeded
		return set, nil, err
	}
	t, err := a.takeOver(flags.control.path)
	if err != nil {
		set.Close()
		return nil, nil, err
	}
	return append(slices.Clone(t.sockets), set...), t, nil
}

// inherit gives routes that begin the sockets that were inherited for them.
// What no route wants is closed: a plan that came later would have it or not
// by the order of things.
func (c *change) inherit() error {
	s := c.service
	if len(s.inherits) == 0 {
		return nil
	}
	wanted, alike := make([]inherit.Wanted, len(c.next), len(c.next)+1), map[string]int{}
	for i, n := range c.next {
		if n.begins {
			wanted[i] = n.wanted(keptName(n.planned, alike))
		}
	}
	if s.flags.control.metrics.text != "" {
		wanted = append(wanted, s.wantedMetrics())
	}
	for i, socket := range s.inherits.Take(wanted) {
		switch {
		case socket == nil:
			continue
		case i < len(c.routes):
			c.routes[i].bound = bound{socket: socket.Socket, address: socket.Address, inherited: socket.Shared}
		default:
			s.metricsOn = socket
		}
		s.takeover.takes(socket)
	}
	s.closeUnwanted()
	return c.listenInherited()
}

// closeUnwanted closes what no route wants, and has the supervisor do so that
// may keep it: clients could go on to connect, and wait for nobody. What was
// taken over still is the server's that goes, until it has.
func (s *service) closeUnwanted() {
	for _, unwanted := range s.inherits {
		if s.takeover == nil || !s.takeover.has(unwanted) {
			s.trouble(routeName(unwanted.Type(), unwanted.Address) + " was inherited, and no route listens there: it is closed")
			s.unwanted = append(s.unwanted, &serving{kept: unwanted.Name})
		}
	}
	s.inherits.Close()
	s.inherits = nil
}

// listenInherited listens where a socket does not yet. Of one that does, the
// backlog stays whoever's it is until the change is made: see commit.
func (c *change) listenInherited() error {
	for i, n := range c.next {
		b := &c.routes[i].bound
		if !n.begins || b.socket == nil || n.typ != core.SOCK_STREAM {
			continue
		}
		listens, err := core.GetInt(b.socket, core.SOL_SOCKET, core.SO_ACCEPTCONN)
		if b.listens = err == nil && listens != 0; b.listens {
			continue
		}
		if err := b.socket.Listen(n.backlog); err != nil {
			return n.atListen(cannotListen(n.planned, core.PyAddress(b.address), err))
		}
	}
	return nil
}

func (n next) wanted(name string) inherit.Wanted {
	return inherit.Wanted{
		Type: n.typ, Name: name, Address: n.address,
		Everywhere: n.endpoint.address.Host == "" && !n.endpoint.address.IP.IsValid(),
	}
}
