package wasmhost

import (
	"strconv"
	"time"

	"github.com/sandsock/sandsock/core"
)

// This file counts the bytes that an instance's sockets move, and holds them
// to its limits: what is asked for is cut to what is left, and the call after
// that ends the guest. The counters are written by the instance's owner alone;
// [Route.look] and [Route.Status] read them.

func (g *instance) receivedBytes(n, flags int) {
	g.pay(n)
	if flags&core.MSG_PEEK == 0 {
		g.received.Add(int64(n))
	}
}

func (g *instance) sentBytes(n int) {
	g.pay(n)
	g.sent.Add(int64(n))
}

// receivable is as much of a buffer as the guest may still receive.
func (g *instance) receivable(buf []byte) []byte {
	limit := g.limits.Received
	if limit < 0 || len(buf) == 0 {
		return buf
	}
	left := limit - g.received.Load()
	if left <= 0 {
		g.exceed("received its " + strconv.FormatInt(limit, 10) + " bytes, the limit")
	}
	return buf[:min(int64(len(buf)), left)]
}

// sendable is as much of p as the guest may still send. A datagram goes whole
// or not at all.
func (g *instance) sendable(d *descriptor, p []byte) []byte {
	limit := g.limits.Sent
	if limit < 0 || len(p) == 0 {
		return p
	}
	left := limit - g.sent.Load()
	if left <= 0 || d.datagram() && int64(len(p)) > left {
		g.exceed("sent its " + strconv.FormatInt(limit, 10) + " bytes, the limit")
	}
	return p[:min(int64(len(p)), left)]
}

// exceed ends the instance from a host call of its own.
func (g *instance) exceed(reason string) {
	g.stopAt(reason)
	panic(g.stopped.Load())
}

// piece is how much goes to the network in one call, so that a connection that
// takes very long for a lot is seen to move.
const piece = 64 << 10

// transmit is send for the socket calls and for WASI.
func (g *instance) transmit(d *descriptor, p []byte, flags int) (sent int, err error) {
	p = g.sendable(d, p)
	if d.datagram() || len(p) <= piece || !waitsForAll(d.socket, flags) {
		sent, err = d.socket.Send(p, flags)
		g.sentBytes(sent)
		return sent, err
	}
	for sent < len(p) {
		part := p[sent:min(sent+piece, len(p))]
		n, err := d.socket.Send(part, flags)
		g.sentBytes(n)
		sent += n
		switch {
		case err == core.ECANCELED, err != nil && sent == 0:
			return sent, err
		case n < len(part): // an error is the next call's
			return sent, nil
		}
	}
	return sent, nil
}

// waitsForAll reports whether a send of a stream ends only when all is taken.
func waitsForAll(s core.Socket, flags int) bool {
	timeout, err := s.GetTimeout()
	return err == nil && timeout < 0 && flags&core.MSG_DONTWAIT == 0
}

// transmitAll is sendall. What has no limit and goes in one piece is left to
// the network.
func (g *instance) transmitAll(d *descriptor, p []byte, flags int) error {
	if d.datagram() || len(p) == 0 || len(p) <= piece && g.limits.Sent < 0 {
		p = g.sendable(d, p)
		err := d.socket.SendAll(p, flags)
		if err == nil {
			g.sentBytes(len(p))
		}
		return err
	}
	timeout, err := d.socket.GetTimeout()
	if err != nil {
		return err
	}
	until := time.Now().Add(timeout)
	if timeout > 0 {
		defer d.socket.SetTimeout(timeout)
	}
	for len(p) > 0 {
		if timeout > 0 && d.socket.SetTimeout(max(time.Until(until), 1)) != nil {
			return core.EBADF
		}
		n, err := d.socket.Send(g.sendable(d, p[:min(len(p), piece)]), flags)
		g.sentBytes(n)
		if err != nil {
			return err
		}
		p = p[n:]
	}
	return nil
}
