package wasmhost

import (
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

// The calls that make and end sockets.

func makeSocket(g *instance, a args) (int32, error) {
	if g.table.full() {
		return 0, core.EMFILE
	}
	family, typ, proto := core.Family(a.i32(0)), core.Type(a.i32(1)), a.i32(2)
	if err := checkProtocol(family, typ, proto); err != nil {
		return 0, err
	}
	s, err := g.host.config.Network.Socket(family, typ, int(proto))
	if err != nil {
		return 0, err
	}
	return g.table.add(newDescriptor(s)), nil
}

func newDescriptor(s core.Socket) descriptor {
	d := descriptor{socket: s}
	if s.Type() == core.SOCK_DGRAM {
		d.peers = new(peers)
	}
	return d
}

func bind(g *instance, a args) (int32, error) {
	d, err := g.table.ownSocket(a.i32(0))
	if err != nil {
		return 0, err
	}
	address, err := g.address("bind", core.UseListen, d, a, 1)
	if err != nil {
		return 0, err
	}
	if err := d.socket.Bind(address); err != nil {
		return 0, err
	}
	d.bound = true
	return 0, nil
}

func listen(g *instance, a args) (int32, error) {
	d, err := g.table.ownSocket(a.i32(0))
	if err != nil {
		return 0, err
	}
	// The kernel binds a socket that is not bound when it listens, to a port
	// of all addresses; what a failed connect left of a name is no bind.
	if !d.bound {
		wildcard := netip.AddrPortFrom(core.Wildcard(d.socket.Family()), 0)
		if err := g.allow("listen", core.UseListen, wildcard, ""); err != nil {
			return 0, err
		}
	}
	return 0, d.socket.Listen(int(a.i32(1)))
}

func accept(g *instance, a args) (int32, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return 0, err
	}
	result, err := g.addressResult(a, 1)
	if err != nil {
		return 0, err
	}
	if g.table.full() {
		return 0, core.EMFILE
	}
	conn, peer, err := d.socket.Accept()
	if err != nil {
		return 0, err
	}
	result.store(peer)
	return g.table.add(d.accepted(conn)), nil
}

// accepted is the descriptor of a listener's connection. Linux gives it the
// listener's SO_LINGER, see release.
func (d *descriptor) accepted(conn core.Socket) descriptor {
	own := newDescriptor(conn)
	own.lingers = d.lingers
	return own
}

func connect(g *instance, a args) (int32, error) {
	d, err := g.table.ownSocket(a.i32(0))
	if err != nil {
		return 0, err
	}
	address, err := g.address("connect", core.UseConnect, d, a, 1)
	if err != nil {
		return 0, err
	}
	return 0, d.socket.Connect(address)
}

func connectEx(g *instance, a args) (int32, error) {
	d, err := g.table.ownSocket(a.i32(0))
	if err != nil {
		return 0, err
	}
	address, err := g.address("connect_ex", core.UseConnect, d, a, 1)
	if err != nil {
		return 0, err
	}
	if e := d.socket.ConnectEx(address); e != 0 {
		return 0, e
	}
	return 0, nil
}

func fileno(g *instance, a args) (int32, error) {
	if g.table.get(a.i32(0)) == nil {
		return 0, core.EBADF
	}
	return a.i32(0), nil
}

func shutdown(g *instance, a args) (int32, error) {
	d, err := g.table.ownSocket(a.i32(0))
	if err != nil {
		return 0, err
	}
	return 0, d.socket.Shutdown(int(a.i32(1)))
}

func closeDescriptor(g *instance, a args) (int32, error) {
	return 0, g.table.close(a.i32(0))
}
