package wasmhost

import (
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

// The calls that move bytes. The kernel reads and writes the guest's memory
// itself: nothing is copied between.

// socketAndBuffer returns what all these calls begin with: the socket a[0] and
// the buffer at a[1] of length a[2].
func (g *instance) socketAndBuffer(a args) (*descriptor, []byte, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return nil, nil, err
	}
	buf, err := g.bytes(a.u32(1), a.u32(2))
	return d, buf, err
}

func recv(g *instance, a args) (int32, error) {
	d, buf, err := g.socketAndBuffer(a)
	if err != nil {
		return 0, err
	}
	n, err := g.receive(d, buf, int(a.i32(3)))
	return int32(n), err
}

// receive is recv for the socket calls and for WASI.
func (g *instance) receive(d *descriptor, buf []byte, flags int) (n int, err error) {
	buf = g.receivable(buf)
	// recv of nothing is nothing, at once; recvfrom would take a datagram.
	if d.datagram() && len(buf) > 0 {
		n, _, err = g.receiveFrom(d, buf, flags)
		return n, err
	}
	n, err = d.socket.Recv(buf, flags)
	if g.seeded != nil && flags == 0 {
		n = g.wholeRead(d.socket, buf, n)
	}
	g.receivedBytes(n, flags)
	return n, err
}

func (g *instance) receiveFrom(d *descriptor, buf []byte, flags int) (int, netip.AddrPort, error) {
	if d.lent != nil && d.lent.taken && d.lent.recalled.Load() {
		return 0, netip.AddrPort{}, core.ECANCELED
	}
	buf = g.receivable(buf)
	n, from, err := d.socket.RecvFrom(buf, flags)
	if err != nil {
		return n, from, err
	}
	// Who writes to a port the operator opened may be answered. A socket that
	// only sends has a port as well, but nobody was granted that.
	if d.lent != nil || d.bound {
		d.peers.add(from)
	}
	if d.lent != nil && flags&core.MSG_PEEK == 0 {
		d.lent.taken = true
	}
	g.receivedBytes(n, flags)
	return n, from, nil
}

func recvFrom(g *instance, a args) (int32, error) {
	d, buf, err := g.socketAndBuffer(a)
	if err != nil {
		return 0, err
	}
	result, err := g.addressResult(a, 4)
	if err != nil {
		return 0, err
	}
	n, from, err := g.receiveFrom(d, buf, int(a.i32(3)))
	if err != nil {
		return 0, err
	}
	result.store(from)
	return int32(n), nil
}

func send(g *instance, a args) (int32, error) {
	d, buf, err := g.socketAndBuffer(a)
	if err != nil {
		return 0, err
	}
	n, err := g.transmit(d, buf, int(a.i32(3)))
	return int32(n), err
}

func sendAll(g *instance, a args) (int32, error) {
	d, buf, err := g.socketAndBuffer(a)
	if err != nil {
		return 0, err
	}
	return 0, g.transmitAll(d, buf, int(a.i32(3)))
}

func sendTo(g *instance, a args) (int32, error) {
	d, buf, err := g.socketAndBuffer(a)
	if err != nil {
		return 0, err
	}
	if !d.datagram() { // a stream has its peer: the address is ignored
		if _, err := g.bytes(a.u32(4), a.u32(5)); err != nil {
			return 0, err
		}
		return send(g, a)
	}
	address, err := g.address("sendto", core.UseSend, d, a, 4)
	if err != nil {
		return 0, err
	}
	n, err := d.socket.SendTo(g.sendable(d, buf), int(a.i32(3)), address)
	g.sentBytes(n)
	return int32(n), err
}
