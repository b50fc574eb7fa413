package native

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/windows"
)

// errWait is how a call that would wait says so.
const errWait = windows.WSAEWOULDBLOCK

// op is one call that may have to be made again once the socket is ready, with
// its arguments and its results.
type op struct {
	socket *socket
	do     func(o *op, fd int) error // errWait when there is nothing yet
	pause  time.Duration             // if not 0, do is made again after it, since no event tells when

	p     []byte
	flags int
	n     int // bytes done

	over *atomic.Bool // receive: once set, errWait is the end; nil: it is not

	fd   int // accepted
	from windows.Sockaddr

	room sockaddr         // what to points to
	to   windows.Sockaddr // nil for none
}

// direction is one of a socket's two ways of waiting. Any number of calls may
// wait in it, each with a watch of its own.
type direction struct {
	socket *socket
	events uint32 // the driver's, to wait for
	polls  int16  // the same in poll(2)'s
	spare  atomic.Pointer[op]
}

// take returns an op to fill in, put takes it back.
func (d *direction) take() *op {
	if o := d.spare.Swap(nil); o != nil {
		return o
	}
	return &op{socket: d.socket}
}

func (d *direction) put(o *op) {
	o.p, o.n, o.over, o.from, o.to, o.pause = nil, 0, nil, nil, nil, 0
	d.spare.Store(o)
}
