package main

import (
	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
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
	return set, nil
}

// inherit gives routes that begin the sockets that were inherited for them. It
// listens also where a socket does already, which sets its backlog (listen(2)).
// What no route wants is closed: a plan that came later would have it or not
// by the order of things.
func (c *change) inherit() error {
	s := c.service
	if len(s.inherits) == 0 {
		return nil
	}
	wanted := make([]inherit.Wanted, len(c.next))
	for i, n := range c.next {
		if n.begins {
			wanted[i] = n.wanted()
		}
	}
	for i, socket := range s.inherits.Take(wanted) {
		if socket != nil {
			c.routes[i].bound = bound{socket: socket.Socket, address: socket.Address, inherited: true}
		}
	}
	for _, unwanted := range s.inherits {
		s.trouble(routeName(unwanted.Type(), unwanted.Address) + " was inherited, and no route listens there: it is closed")
	}
	s.inherits.Close()
	s.inherits = nil
	return c.listenInherited()
}

func (c *change) listenInherited() error {
	for i, n := range c.next {
		b := c.routes[i].bound
		if !n.begins || b.socket == nil || n.typ != core.SOCK_STREAM {
			continue
		}
		if err := b.socket.Listen(n.backlog); err != nil {
			return n.atListen(cannotListen(n.planned, core.PyAddress(b.address), err))
		}
	}
	return nil
}

func (n next) wanted() inherit.Wanted {
	return inherit.Wanted{
		Type: n.typ, Name: inherit.NameOf(n.endpoint.url()), Address: n.address,
		Everywhere: n.endpoint.address.Host == "" && !n.endpoint.address.IP.IsValid(),
	}
}
