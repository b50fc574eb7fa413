//go:build linux || darwin || freebsd

package native

import (
	"context"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// Poll is poll(2). It asks the system once without waiting, and where nothing
// is ready it waits on Go's poller: for one socket and one direction in the
// socket itself, else in a set made for the call. A list with a socket that
// is not of this package is EINVAL.
func (Network) Poll(ctx context.Context, list []core.PollFd, timeout time.Duration) (int, error) {
	c, err := newPollCall(ctx, list)
	if err != nil {
		return 0, err
	}
	n, err := c.look()
	if n > 0 || err != nil || timeout == 0 {
		return n, err
	}
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	if s, d := c.single(); s != nil && d.turn.tryEnter() {
		defer d.turn.leave()
		return c.waitOne(s, d, deadline)
	}
	return c.waitMany(deadline)
}

// pollable is the events that may be asked for. Other bits mean other things to epoll.
const pollable = core.POLLIN | core.POLLPRI | core.POLLOUT | core.POLLRDHUP

// pollCall is one call of Poll. The slices run in parallel with the list.
type pollCall struct {
	ctx     context.Context
	list    []core.PollFd
	sockets []*socket // nil for an entry that is passed over
	eras    []uint32  // of the sockets, when the call began
	fds     []unix.PollFd
}

func newPollCall(ctx context.Context, list []core.PollFd) (*pollCall, error) {
	c := &pollCall{
		ctx:     ctx,
		list:    list,
		sockets: make([]*socket, len(list)),
		eras:    make([]uint32, len(list)),
		fds:     make([]unix.PollFd, len(list)),
	}
	for i, entry := range list {
		c.fds[i] = unix.PollFd{Fd: -1, Events: toPoll(entry.Events & pollable)}
		if entry.Socket == nil {
			continue
		}
		s, ok := entry.Socket.(*socket)
		if !ok {
			return nil, core.EINVAL
		}
		c.sockets[i], c.eras[i] = s, s.cancel.era.Load()
	}
	return c, nil
}

// look asks poll(2) without waiting, stores the answer in the list, and
// returns how many entries have one.
func (c *pollCall) look() (int, error) {
	if c.isCanceled() {
		return 0, core.ECANCELED
	}
	var err error
	c.hold(0, func() { err = retry(c.ask, 0) })
	if err != nil {
		return 0, coreError(err)
	}
	return c.answer(), nil
}

func (c *pollCall) ask(int) error {
	_, err := unix.Poll(c.fds, 0)
	return err
}

func (c *pollCall) isCanceled() bool {
	for i, s := range c.sockets {
		if s != nil && (isCanceled(c.eras[i]) || s.cancel.era.Load() != c.eras[i]) {
			return true
		}
	}
	return c.ctx.Err() != nil
}

// hold calls f while no socket from the i-th on can be closed, so that no
// number in fds can be another descriptor's. A closed one has -1, which
// poll(2) passes over.
func (c *pollCall) hold(i int, f func()) {
	if i == len(c.sockets) {
		f()
		return
	}
	c.fds[i].Fd = -1
	s := c.sockets[i]
	if s == nil || s.raw.Control(func(fd uintptr) {
		c.fds[i].Fd = int32(fd)
		c.hold(i+1, f)
	}) != nil {
		c.hold(i+1, f)
	}
}

func (c *pollCall) answer() (n int) {
	for i := range c.list {
		entry := &c.list[i]
		switch {
		case c.sockets[i] == nil:
			entry.Revents = 0
		case c.fds[i].Fd < 0:
			entry.Revents = core.POLLNVAL
		default:
			entry.Revents = fromPoll(entry.Events, c.fds[i].Revents)
		}
		if entry.Revents != 0 {
			n++
		}
	}
	return n
}

// single returns the socket of a call that waits for one, and the direction
// to wait in, if it is one whose calls cannot go on either: a call that waits
// for the other direction, or for an error only, must not keep the turn from
// a receive.
func (c *pollCall) single() (*socket, *direction) {
	if len(c.list) != 1 || c.sockets[0] == nil {
		return nil, nil
	}
	s := c.sockets[0]
	switch c.list[0].Events & pollable {
	case core.POLLIN, core.POLLIN | core.POLLRDHUP:
		return s, &s.read
	case core.POLLOUT:
		return s, &s.write
	}
	return nil, nil
}

// waitOne waits in the socket's own direction, whose turn the caller has.
func (c *pollCall) waitOne(s *socket, d *direction, deadline time.Time) (int, error) {
	o := d.take()
	defer d.put(o)
	o.do, o.poll = doPoll, [1]unix.PollFd{c.fds[0]}
	d.arm(deadline)
	stop := interruptOn(c.ctx, d.interrupt)
	err := s.park(d, o, c.eras[0])
	stop()
	switch {
	case err == core.ErrTimeout && c.ctx.Err() != nil:
		return 0, core.ECANCELED
	case err == core.ErrTimeout:
		return 0, nil
	case err == core.EBADF:
		c.fds[0].Fd = -1
	case err != nil:
		return 0, err
	default:
		c.fds[0].Revents = o.poll[0].Revents
	}
	return c.answer(), nil
}

func doPoll(o *op, fd int) error {
	o.poll[0].Fd = int32(fd)
	n, err := unix.Poll(o.poll[:], 0)
	if n == 0 && err == nil {
		return unix.EAGAIN
	}
	return err
}

// pollNow returns what poll(2) has to say of one descriptor at once. It asks
// again after a signal, for which poll(2) stops even when it need not wait.
func pollNow(fd int, events int16) (revents int16) {
	list := [1]unix.PollFd{{Fd: int32(fd), Events: events}}
	for {
		if _, err := unix.Poll(list[:], 0); err != unix.EINTR {
			return list[0].Revents
		}
	}
}

// interruptOn calls interrupt when ctx ends, until stop is called; after stop
// returns it does not run any more.
func interruptOn(ctx context.Context, interrupt func()) (stop func()) {
	if ctx.Done() == nil {
		return func() {}
	}
	done := make(chan struct{})
	cancel := context.AfterFunc(ctx, func() {
		interrupt()
		close(done)
	})
	return func() {
		if !cancel() {
			<-done
		}
	}
}
