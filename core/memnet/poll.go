package memnet

import (
	"context"
	"time"

	"github.com/sandsock/sandsock/core"
)

// Poll waits for one of several sockets: see [core.Network]. A socket of
// another network is POLLNVAL. What is ready goes before a cancel.
func (n *Network) Poll(ctx context.Context, list []core.PollFd, timeout time.Duration) (int, error) {
	wait := newPatience(timeout)
	defer wait.stop()
	n.mu.Lock()
	defer n.mu.Unlock()
	before := n.cancels(list)
	for {
		ready, canceled := n.look(list)
		switch {
		case ready > 0 || timeout == 0 || wait.over:
			return ready, nil
		case canceled || n.cancels(list) != before || ctx.Err() != nil:
			return 0, core.ECANCELED
		}
		n.sleepOn(ctx, list, wait)
	}
}

// own returns s where it is one of n's, else nil: another network's lock is
// not held.
func (n *Network) own(s core.Socket) *socket {
	if own, ok := s.(*socket); ok && own.network == n {
		return own
	}
	return nil
}

// cancels counts how often the sockets of list were canceled. The lock is
// held.
func (n *Network) cancels(list []core.PollFd) (sum int) {
	for _, fd := range list {
		if s := n.own(fd.Socket); s != nil {
			sum += s.cancels
		}
	}
	return sum
}

// look sets every Revents and returns how many are not zero, and whether one
// of the sockets is canceled. The lock is held.
func (n *Network) look(list []core.PollFd) (ready int, canceled bool) {
	for i := range list {
		fd := &list[i]
		fd.Revents = 0
		if fd.Socket == nil {
			continue
		}
		if s := n.own(fd.Socket); s == nil || s.closed {
			fd.Revents = core.POLLNVAL
		} else {
			const unasked = core.POLLERR | core.POLLHUP
			fd.Revents = s.events() & (fd.Events | unasked)
			canceled = canceled || s.canceled
		}
		if fd.Revents != 0 {
			ready++
		}
	}
	return ready, canceled
}

// sleepOn waits for a wake of any socket of list, the end of ctx or that of
// the patience. It is called with the lock held and gives it back meanwhile.
func (n *Network) sleepOn(ctx context.Context, list []core.PollFd, wait *patience) {
	w := make(waiter, 1)
	for _, fd := range list {
		if s := n.own(fd.Socket); s != nil {
			s.waiters = append(s.waiters, w)
		}
	}
	n.mu.Unlock()
	select {
	case <-w:
	case <-ctx.Done():
	case <-wait.alarm():
		wait.over = true
	}
	n.mu.Lock()
	for _, fd := range list {
		if s := n.own(fd.Socket); s != nil {
			s.leave(w)
		}
	}
}

// events is everything that is true of s now. The lock is held.
func (s *socket) events() int16 {
	if s.state == listening {
		return s.listenerEvents()
	}
	var e int16
	if s.err != 0 {
		e |= core.POLLERR
	}
	if s.noRead || s.ended {
		e |= core.POLLIN | core.POLLRDHUP
		if s.noWrite {
			e |= core.POLLHUP
		}
	}
	if s.stream() {
		return e | s.streamEvents()
	}
	if len(s.datagrams) > 0 {
		e |= core.POLLIN
	}
	return e | core.POLLOUT
}

func (s *socket) listenerEvents() int16 {
	if len(s.arrivals) > 0 {
		return core.POLLIN
	}
	return 0
}

// streamEvents follows tcp_poll. A socket without a connection can be written
// to, in that a send would not wait, and has hung up.
func (s *socket) streamEvents() int16 {
	var e int16
	switch s.state {
	case connecting:
		return 0
	case idle:
		return core.POLLOUT | core.POLLHUP
	case refused:
		return core.POLLIN | core.POLLOUT | core.POLLHUP | core.POLLRDHUP
	}
	if len(s.in) > 0 {
		e |= core.POLLIN
	}
	if s.noWrite || s.other == nil || s.room() > 0 {
		e |= core.POLLOUT
	}
	return e
}
