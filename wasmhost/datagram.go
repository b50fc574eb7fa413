package wasmhost

import (
	"context"
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

// serveDatagrams waits until a datagram is there and calls the handler with
// the route's socket, which may answer one and return, or go on. One handler
// is at work at a time; what comes meanwhile waits in the socket's queue.
func (r *Route) serveDatagrams() error {
	var wait backoff
	var refused refused
	defer func() { r.sayRefused(refused.rest(), refused.why) }()
	for {
		ready := []core.PollFd{{Socket: r.Socket, Events: core.POLLIN}}
		_, err := r.host.config.Network.Poll(context.Background(), ready, core.Blocking)
		if err == nil {
			err = r.Socket.SetTimeout(core.Blocking) // the last guest's is gone
		}
		if err != nil {
			if r.drained() {
				return nil
			}
			if !r.survives(err, &wait) {
				return err
			}
			continue
		}
		wait.last = 0
		switch v, err := r.begin(netip.AddrPort{}); {
		case err == nil:
			r.datagram(v)
		case err == ErrDraining:
			return nil
		case err == errAside:
			r.dropDatagram()
		default:
			r.dropDatagram()
			r.refuse(&refused, err)
		}
	}
}

// datagram is one call of a datagram handler. The route's socket is only
// lent: when the route drains, or swaps its handler, it is canceled, which the
// guest sees as ECANCELED, and what is queued stays queued. A datagram that the
// handler was called for and did not take is dropped, or it would be called for
// ever.
func (r *Route) datagram(v *visit) {
	defer r.working.Done()
	lent := new(loan)
	r.lend(lent, v.version)
	r.serve(v, descriptor{socket: r.Socket, lent: lent, peers: new(peers)})
	r.takeBack()
	if !lent.taken && !lent.recalled.Load() && !r.drained() {
		r.dropDatagram()
	}
}

func (r *Route) dropDatagram() {
	if r.Socket.SetTimeout(core.NonBlocking) == nil {
		r.Socket.Recv(make([]byte, 1), 0)
	}
}
