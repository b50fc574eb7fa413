package wasmhost

import (
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

// The calls that move bytes. The kernel reads and writes the guest's memory
// itself: nothing is copied between.

func recv(g *instance, a args) (int32, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return 0, err
	}
	buf, err := g.bytes(a.u32(1), a.u32(2))
	if err != nil {
		return 0, err
	}
	n, err := g.receive(d, buf, int(a.i32(3)))
	return int32(n), err
}

// receive is recv for the socket calls and for WASI.
func (g *instance) receive(d *descriptor, buf []byte, flags int) (n int, err error) {
	if d.peers == nil {
		n, err = d.socket.Recv(buf, flags)
	} else {
		n, _, err = g.receiveFrom(d, buf, flags)
	}
	g.count(n, err)
	return n, err
}

func (g *instance) count(n int, err error) {
	if err == nil {
		g.receives++
		g.received += int64(n)
	}
}

func (g *instance) receiveFrom(d *descriptor, buf []byte, flags int) (int, netip.AddrPort, error) {
	n, from, err := d.socket.RecvFrom(buf, flags)
	d.peers.add(from)
	return n, from, err
}

func recvFrom(g *instance, a args) (int32, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return 0, err
	}
	buf, err := g.bytes(a.u32(1), a.u32(2))
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
	g.count(n, err)
	result.store(from)
	return int32(n), nil
}

func send(g *instance, a args) (int32, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return 0, err
	}
	buf, err := g.bytes(a.u32(1), a.u32(2))
	if err != nil {
		return 0, err
	}
	n, err := d.socket.Send(buf, int(a.i32(3)))
	g.sent += int64(n)
	return int32(n), err
}

func sendAll(g *instance, a args) (int32, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return 0, err
	}
	buf, err := g.bytes(a.u32(1), a.u32(2))
	if err != nil {
		return 0, err
	}
	if err := d.socket.SendAll(buf, int(a.i32(3))); err != nil {
		return 0, err
	}
	g.sent += int64(len(buf))
	return 0, nil
}

func sendTo(g *instance, a args) (int32, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return 0, err
	}
	buf, err := g.bytes(a.u32(1), a.u32(2))
	if err != nil {
		return 0, err
	}
	address, err := g.address("sendto", core.UseSend, d, a, 4)
	if err != nil {
		return 0, err
	}
	n, err := d.socket.SendTo(buf, int(a.i32(3)), address)
	g.sent += int64(n)
	return int32(n), err
}
