package wasmhost

import (
	"net/netip"
	"time"

	"github.com/sandsock/sandsock/core"
)

// serveStreams accepts connections and gives each a guest of its own.
func (r *Route) serveStreams() error {
	var wait backoff
	for {
		socket, peer, err := r.Socket.Accept()
		if err != nil {
			if r.drained() {
				return nil
			}
			if !r.survives(err, &wait) {
				return err
			}
			continue
		}
		wait = backoff{}
		conn, ok := r.begin()
		if !ok {
			socket.Close()
			return nil
		}
		go r.connection(socket, peer, conn)
	}
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
	if wait.first() {
		r.report(Report{Event: EventTrouble, Error: "cannot accept: " + err.Error() + "; trying again"})
	}
	wait.pause(r.stopping)
	return true
}

// backoff waits longer each time, as net/http's server does.
type backoff struct{ last time.Duration }

const (
	firstWait = 5 * time.Millisecond
	lastWait  = time.Second
)

func (b *backoff) first() bool { return b.last == 0 }

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
func (r *Route) connection(socket core.Socket, peer netip.AddrPort, conn int64) {
	defer r.working.Done()
	entry := Report{Conn: conn, Peer: peer}
	r.serve(r.guest(entry), newDescriptor(socket), entry)
}
