package wasmhost

import (
	"net/netip"
	"time"

	"github.com/sandsock/sandsock/core"
)

// serveStreams accepts connections and gives each a guest of its own.
func (r *Route) serveStreams() error {
	var wait backoff
	var refused refused
	defer func() { r.sayRefused(refused.rest(), refused.why) }()
	for {
		socket, peer, err := r.Socket.Accept()
		if err != nil {
			if r.drained() {
				r.lastCall(&refused)
				return nil
			}
			if !r.survives(err, &wait) {
				return err
			}
			continue
		}
		wait.last = 0
		r.welcome(socket, peer, &refused)
	}
}

// welcome begins an accepted connection, or closes it.
func (r *Route) welcome(socket core.Socket, peer netip.AddrPort, refused *refused) {
	switch v, err := r.begin(peer); {
	case err == nil:
		go r.connection(socket, v)
	case err == ErrDraining, err == errAside:
		socket.Close()
	default:
		socket.Close()
		r.refuse(refused, err)
	}
}

// lastCall accepts what waits in the queue of a route that drains. To these
// clients they are connected, and they may have asked already: to close the
// socket with them in its queue would reset them. Where the socket can refuse
// those that come from now on, handshakes under way have a moment to end, and
// then none is lost; elsewhere one may be that comes between the last accept
// and the close. One that is shared refuses nobody: who comes is the other
// process's to serve, and who waits may be anybody's.
func (r *Route) lastCall(refused *refused) {
	const handshake = 50 * time.Millisecond
	patience := core.NonBlocking
	if r.refuses() {
		patience = handshake
	}
	if r.Socket.SetTimeout(patience) != nil {
		return
	}
	r.Socket.SetCanceled(false)
	late := time.AfterFunc(handshake, func() { r.Socket.SetCanceled(true) })
	defer late.Stop()
	for {
		socket, peer, err := r.Socket.Accept()
		switch {
		case err == nil:
			r.welcome(socket, peer, refused)
		case core.AsErrno(err) != core.ECONNABORTED:
			return
		}
	}
}

// refuses makes the route's socket take nobody else, where it is the route's
// alone and can.
func (r *Route) refuses() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	s, can := r.Socket.(interface{ Refuse() error })
	return can && !r.shared && s.Refuse() == nil
}

// survives reports whether the route goes on after an error, and waits where
// trying again at once would only spin: nothing is lost, since connections and
// datagrams wait in the socket's queue. Only an error of the socket itself is
// the end; the others are the machine's state of the moment, or the news of a
// connection that came to nothing (accept(2), "Error handling").
func (r *Route) survives(err error, wait *backoff) bool {
	switch core.AsErrno(err) {
	case core.EBADF, core.EINVAL, core.ENOTSOCK, core.ENOTSUP, core.EFAULT, core.ECANCELED:
		return false
	case core.ECONNABORTED: // it left before it was accepted
		return true
	}
	if wait.add(time.Now()) > 0 {
		r.trouble("cannot accept: " + err.Error() + "; trying again")
	}
	wait.pause(r.life.Done())
	return true
}

// backoff waits longer each time, as net/http's server does.
type backoff struct {
	last time.Duration
	burst
}

const (
	firstWait = 5 * time.Millisecond
	lastWait  = time.Second
)

// pause waits, at most until stop is closed.
func (b *backoff) pause(stop <-chan struct{}) {
	b.last = min(max(2*b.last, firstWait), lastWait)
	timer := time.NewTimer(b.last)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-stop:
	}
}

// connection is the life of one connection.
func (r *Route) connection(socket core.Socket, v *visit) {
	defer r.working.Done()
	r.serve(v, newDescriptor(socket))
}
