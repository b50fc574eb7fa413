package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

// This file is the side of a handover that gives: takeover.go takes.

const (
	// loading is how long a successor may take to get ready. Meanwhile
	// everything goes on as if it were not there.
	loading = 10 * time.Minute

	// settling is how long a successor waits until this process accepts no
	// more. What comes meanwhile waits in the sockets' queues.
	settling = 200 * time.Millisecond
)

// handed is a socket that was handed over; of the metrics it has no route.
type handed struct {
	control.Socket
	descriptor int // a duplicate
	of         *serving
}

// eventHandedOver tells that another process serves from now on.
const eventHandedOver = "handed over"

// handOver gives the routes' sockets to a successor, and drains once that is
// ready.
func (c *controlled) handOver(ctx context.Context, r control.Request, conn *control.Conn) error {
	if c.app.drain.Err() != nil {
		return &control.Failure{Text: "it drains already: there is nothing to take over", Code: exitFailed}
	}
	select {
	case c.handing <- struct{}{}:
	default:
		return &control.Failure{Text: "another process is about to take over already", Code: exitFailed}
	}
	over := sync.OnceFunc(func() { <-c.handing })
	defer over()
	given, err := c.give()
	if err != nil {
		return asAnswer(err)
	}
	conn.Say(control.Answer{Handover: c.handover(given), Descriptors: descriptors(given)})
	control.CloseDescriptors(descriptors(given))
	took, err := c.awaitSuccessor(ctx, conn, given)
	if err != nil {
		c.keep(given)
		if c.app.drain.Err() != nil {
			conn.Say(control.Answer{Ended: true})
			return nil
		}
		over() // before it is told: the next may come at once
		c.trouble(fmt.Sprintf("process %d does not take over: %v; this one serves on", r.PID, err))
		return asAnswer(err)
	}
	c.leaveTo(r.PID, given, took, conn)
	return nil
}

// give duplicates what is to be handed over. From now on the routes share it.
func (c *controlled) give() (given []handed, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range c.routes {
		fd, dupErr := native.Dup(r.bound.socket)
		err = errors.Join(err, dupErr)
		given = append(given, handed{of: r, descriptor: fd, Socket: control.Socket{
			Name: r.url(), Address: r.bound.address.String(), Shared: r.bound.inherited,
		}})
	}
	if c.metrics != nil {
		fd, dupErr := duplicate(c.metrics.listener)
		err = errors.Join(err, dupErr)
		given = append(given, handed{descriptor: fd, Socket: control.Socket{
			Name: metricsName(c.flags.control.metrics), Address: c.metrics.listener.Addr().String(),
		}})
	}
	switch {
	case err != nil:
		err = &failure{code: exitFailed, text: "it cannot hand over its sockets: " + err.Error()}
	case len(c.routes) == 0:
		err = &failure{code: exitFailed, text: "it does not serve yet: there is nothing to take over"}
	case len(given) > control.MaxDescriptors:
		err = &failure{code: exitFailed, text: fmt.Sprintf("it has %d sockets, and %d can be handed over", len(given), control.MaxDescriptors)}
	default:
		share(given, func(handed) bool { return true })
		return given, nil
	}
	control.CloseDescriptors(descriptors(given))
	return nil, err
}

func descriptors(given []handed) (all []int) {
	for _, h := range given {
		all = append(all, h.descriptor)
	}
	return all
}

func (c *controlled) handover(given []handed) *control.Handover {
	h := &control.Handover{PID: os.Getpid(), Restarted: c.restarted}
	for _, s := range given {
		h.Sockets = append(h.Sockets, s.Socket)
	}
	return h
}

// setShared is left out by a test that shows what it is for.
var setShared = (*wasmhost.Route).SetShared

// share tells the routes who has their sockets.
func share(given []handed, other func(handed) bool) {
	for _, h := range given {
		if h.of != nil {
			setShared(h.of.route, h.Shared || other(h))
		}
	}
}

func (c *controlled) keep(given []handed) { share(given, func(handed) bool { return false }) }

// awaitSuccessor returns which sockets a successor has a use for, once it can
// serve them. Two answers are needed: that it says it is ready may have waited
// in its socket while this process was stopped, and the successor have gone.
func (c *controlled) awaitSuccessor(ctx context.Context, conn *control.Conn, given []handed) (took map[int]bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		select {
		case <-c.over:
			cancel()
		case <-ctx.Done():
		}
	}()
	r, err := request(ctx, conn, control.DoReady, loading)
	if err != nil {
		return nil, err
	}
	took = map[int]bool{}
	for _, i := range r.Took {
		if i < 0 || i >= len(given) {
			return nil, fmt.Errorf("there is no socket %d", i)
		}
		took[i] = true
	}
	conn.Say(control.Answer{Waiting: true})
	_, err = request(ctx, conn, control.DoCommit, control.Patience)
	return took, err
}

// request is the one request that can come.
func request(ctx context.Context, conn *control.Conn, do string, within time.Duration) (control.Request, error) {
	r, err := conn.Next(ctx, within)
	switch {
	case errors.Is(err, control.ErrLeft):
		return r, errors.New("it has ended")
	case err == nil && r.Do != do:
		return r, errors.New("it asked for " + printable(r.Do) + " where " + do + " was to come")
	}
	return r, err
}

// leaveTo drains. The connection is open for as long as the successor has yet
// to be asked where this process is.
func (c *controlled) leaveTo(pid int, given []handed, took map[int]bool, conn *control.Conn) {
	left := map[*serving]bool{}
	for i, h := range given {
		switch {
		case !took[i]:
			left[h.of] = true
		case h.of == nil:
			c.metrics.resign()
		}
	}
	share(given, func(h handed) bool { return !left[h.of] })
	c.journal.report(wasmhost.Report{
		Event: eventHandedOver, Text: fmt.Sprintf("process %d takes over %s", pid, ofSockets(len(took), len(given))),
	})
	open := c.connections()
	c.app.begin()
	c.settle(given)
	c.standAside()
	conn.Say(control.Answer{Draining: &open, Before: c.allBefore()})
	conn.Leaves(control.Patience)
	conn.Resign()
}

// settle waits until the routes accept no more, if that does not take long: a
// handler of datagrams may be at work.
func (c *controlled) settle(given []handed) {
	late := time.After(settling)
	for _, h := range given {
		if h.of == nil {
			continue
		}
		select {
		case <-h.of.over:
		case <-late:
			return
		}
	}
}

// ofSockets is 2 sockets, or 2 of 3 sockets.
func ofSockets(n, all int) string {
	if n == all {
		return plural(n, "socket")
	}
	return fmt.Sprintf("%d of %s", n, plural(all, "socket"))
}
