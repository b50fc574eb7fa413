//go:build linux || darwin || freebsd

package native

import (
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// op is one system call that may have to be made again once the descriptor is
// ready, with its arguments and its results. Its closures are made once and
// the op is used again, so that sending and receiving allocate nothing.
type op struct {
	do    func(o *op, fd int) error // EAGAIN when there is nothing yet
	ready func(fd uintptr) bool     // do, as RawConn.Read and Write want it
	once  func(fd uintptr)          // do, as RawConn.Control wants it
	err   error                     // of the last do
	asks  int16                     // an early error counts only if poll(2) has one of these; 0: in any case

	p     []byte
	flags int
	n     int // bytes done

	fd   int // accepted
	from unix.Sockaddr

	room  sockaddr      // what to points to
	to    unix.Sockaddr // nil for none
	waits bool          // connect: the mode is blocking
	over  *atomic.Bool  // receive: once set, EAGAIN may be the end; nil: it is not

	poll [1]unix.PollFd
}

func newOp() *op {
	o := new(op)
	o.once = func(fd uintptr) { o.try(int(fd)) }
	o.ready = func(fd uintptr) bool {
		o.try(int(fd))
		return o.err != unix.EAGAIN
	}
	return o
}

// try makes the call, again if a signal interrupted it (PEP 475).
func (o *op) try(fd int) {
	for o.err = o.do(o, fd); o.err == unix.EINTR; o.err = o.do(o, fd) {
	}
	if o.err != nil && o.asks != 0 && isEarly(coreErrno(o.err)) && pollNow(fd, o.asks) == 0 {
		o.err = unix.EAGAIN
	}
}

// direction is one of a socket's two ways of waiting. Go's poller has one
// deadline and one waiter for each, so whoever waits here has taken the turn,
// and only it changes the deadline; others move it to the past at most.
type direction struct {
	events   int16 // poll(2)'s, to wait for
	turn     turn
	stale    atomic.Bool // a deadline is set that the next waiter must replace
	spare    atomic.Pointer[op]
	wait     func(ready func(fd uintptr) bool) error
	deadline func(t time.Time) error
}

func (d *direction) init(events int16, wait func(func(uintptr) bool) error, deadline func(time.Time) error) {
	d.events = events
	d.turn.freed = make(chan struct{}, 1)
	d.wait, d.deadline = wait, deadline
}

// take returns an op to fill in, put takes it back.
func (d *direction) take() *op {
	if o := d.spare.Swap(nil); o != nil {
		return o
	}
	return newOp()
}

func (d *direction) put(o *op) {
	o.p, o.n, o.asks, o.from, o.to, o.over = nil, 0, 0, nil, nil, nil
	d.spare.Store(o)
}

// arm sets the deadline of the wait to come, zero for none. Only who has the
// turn may call it. It fails on a closed file only, which the wait then tells.
func (d *direction) arm(deadline time.Time) {
	switch {
	case !deadline.IsZero():
		d.stale.Store(true)
		_ = d.deadline(deadline)
	case d.stale.Load():
		d.stale.Store(false)
		_ = d.deadline(deadline)
	}
}

// interrupt ends the wait, if there is one. The mark comes after the deadline:
// the other way round an arm between the two would clear the mark and leave
// the deadline.
func (d *direction) interrupt() {
	_ = d.deadline(past)
	d.stale.Store(true)
}

// interrupt ends every wait in the socket.
func (s *socket) interrupt() {
	s.read.interrupt()
	s.write.interrupt()
	s.polls.wake()
}

var past = time.Unix(1, 0)
