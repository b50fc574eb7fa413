package native

import (
	"context"
	"time"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

// Poll is poll(2) over the driver's request: it looks, waits until something
// may have changed, and looks again. A list with a socket that is not of this
// package is EINVAL.
func (Network) Poll(ctx context.Context, list []core.PollFd, timeout time.Duration) (int, error) {
	c, err := newPollCall(ctx, list)
	if err != nil {
		return 0, err
	}
	var deadline time.Time
	if timeout > 0 {
		deadline = time.Now().Add(timeout)
	}
	c.join()
	defer c.part()
	for {
		n, err := c.look()
		if n > 0 || err != nil || timeout == 0 {
			return n, err
		}
		if !deadline.IsZero() && !time.Now().Before(deadline) {
			return 0, nil
		}
		if err := c.wait(deadline); err != nil {
			return 0, coreError(err)
		}
	}
}

// pollCall is one call of Poll. The slices run in parallel with the list.
type pollCall struct {
	ctx     context.Context
	list    []core.PollFd
	sockets []*socket // nil for an entry that is passed over
	eras    []uint32  // of the sockets, when the call began
	woken   chan struct{}
}

func newPollCall(ctx context.Context, list []core.PollFd) (*pollCall, error) {
	c := &pollCall{
		ctx:     ctx,
		list:    list,
		sockets: make([]*socket, len(list)),
		eras:    make([]uint32, len(list)),
		woken:   make(chan struct{}, 1),
	}
	for i, entry := range list {
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

// join comes before the first look, so that nothing between a look and a wait
// is missed: each way to be woken leaves something for look to see.
func (c *pollCall) join() {
	for _, s := range c.sockets {
		if s != nil {
			s.waiters.add(c.woken)
		}
	}
}

func (c *pollCall) part() {
	for _, s := range c.sockets {
		if s != nil {
			s.waiters.remove(c.woken)
		}
	}
}

func (c *pollCall) isCanceled() bool {
	for i, s := range c.sockets {
		if s != nil && (isCanceled(c.eras[i]) || s.cancel.era.Load() != c.eras[i]) {
			return true
		}
	}
	return c.ctx.Err() != nil
}

// look asks without waiting, stores the answer in the list, and returns how
// many entries have one.
func (c *pollCall) look() (n int, err error) {
	if c.isCanceled() {
		return 0, core.ECANCELED
	}
	var found map[windows.Handle]uint32
	open := c.hold(func(wants map[windows.Handle]uint32) { found, err = lookAfd(wants) })
	if err != nil {
		return 0, coreError(err)
	}
	for i, s := range c.sockets {
		entry := &c.list[i]
		switch {
		case s == nil:
			entry.Revents = 0
		case !open[i]:
			entry.Revents = core.POLLNVAL
		default:
			entry.Revents = s.revents(entry.Events, found[s.base])
		}
		if entry.Revents != 0 {
			n++
		}
	}
	return n, nil
}

// wait returns when something may have changed, or at the deadline.
func (c *pollCall) wait(deadline time.Time) error {
	var w *watch
	var err error
	c.hold(func(wants map[windows.Handle]uint32) {
		if len(wants) > 0 {
			w, err = startWatch(wants)
		}
	})
	if err == nil {
		w.wait(c.woken, c.ctx.Done(), deadline)
	}
	return err
}

// hold calls f with the events wanted of each socket, while none of them can
// be closed, and returns which were open.
func (c *pollCall) hold(f func(wants map[windows.Handle]uint32)) (open []bool) {
	open = make([]bool, len(c.sockets))
	wants := make(map[windows.Handle]uint32, len(c.sockets))
	for i, s := range c.sockets {
		if s != nil && s.hold.enter() {
			defer s.hold.leave()
			open[i] = true
			wants[s.base] |= s.wants(c.list[i].Events)
		}
	}
	f(wants)
	return open
}

// wants returns the driver's events that give one of events, or one that is
// reported unasked. The peer's end shows as something to read, and where both
// directions have ended, unasked.
func (s *socket) wants(events int16) uint32 {
	wants := uint32(afdAbort | afdConnectFail)
	if events&core.POLLIN != 0 {
		wants |= afdReceive | afdAccept | afdDisconnect
	}
	if events&core.POLLPRI != 0 {
		wants |= afdExpedited
	}
	if events&core.POLLOUT != 0 {
		wants |= afdSend
	}
	if events&core.POLLRDHUP != 0 || s.writeEnded.Load() {
		wants |= afdDisconnect
	}
	return wants
}

// everything is what Linux has of a connection that is no more.
const everything = core.POLLIN | core.POLLOUT | core.POLLRDHUP | core.POLLHUP

// revents turns what the driver found into what Linux's poll(2) has. Of a
// stream that neither is connected nor listens the driver has nothing.
func (s *socket) revents(events int16, found uint32) (revents int16) {
	phase := s.phase.Load()
	switch {
	case s.typ == core.SOCK_STREAM && phase == phaseFresh:
		revents = core.POLLOUT | core.POLLHUP
	case found&(afdAbort|afdConnectFail) != 0 && s.resetTold.Load():
		revents = everything
	case found&(afdAbort|afdConnectFail) != 0:
		revents = everything | core.POLLERR
	default:
		revents = s.stateEvents(found)
	}
	if found&afdLocalClose != 0 {
		revents |= core.POLLNVAL
	}
	return revents & (events | core.POLLERR | core.POLLHUP | core.POLLNVAL)
}

func (s *socket) stateEvents(found uint32) (revents int16) {
	if found&(afdReceive|afdAccept) != 0 {
		revents |= core.POLLIN
	}
	if found&afdExpedited != 0 {
		revents |= core.POLLPRI
	}
	if found&afdSend != 0 {
		revents |= core.POLLOUT
	}
	if found&afdDisconnect != 0 || s.readEnded.Load() {
		revents |= core.POLLIN | core.POLLRDHUP
		if s.writeEnded.Load() {
			revents |= core.POLLHUP
		}
	}
	return revents
}
