package main

import (
	"context"
	"net/netip"
	"time"

	"github.com/sandsock/sandsock/core"
)

// probe is how long a call of a blocking socket may wait until it counts as
// one that blocks.
const probe = 250 * time.Millisecond

// probing is a network on which no call waits for ever: where a blocking
// socket's would, it ends with ECANCELED.
type probing struct{ core.Network }

func (n probing) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	s, err := n.Network.Socket(family, typ, proto)
	if err != nil {
		return nil, err
	}
	return probed{s}, nil
}

func (n probing) Poll(ctx context.Context, list []core.PollFd, timeout time.Duration) (int, error) {
	inner := make([]core.PollFd, len(list))
	for i, entry := range list {
		inner[i] = entry
		if s, ok := entry.Socket.(probed); ok {
			inner[i].Socket = s.Socket
		}
	}
	ready, err := n.Network.Poll(ctx, inner, timeout)
	for i := range list {
		list[i].Revents = inner[i].Revents
	}
	return ready, err
}

type probed struct{ core.Socket }

// within makes a call, and cancels it where it waits longer than the probe's
// time on a socket that blocks. One that had a part by then is ECANCELED too:
// it would have gone on waiting.
func (s probed) within(call func() error) error {
	if d, err := s.GetTimeout(); err != nil || d != core.Blocking {
		return call()
	}
	canceled := make(chan struct{})
	timer := time.AfterFunc(probe, func() {
		s.SetCanceled(true)
		close(canceled)
	})
	err := call()
	if timer.Stop() {
		return err
	}
	<-canceled
	s.SetCanceled(false)
	return core.ECANCELED
}

func (s probed) Accept() (conn core.Socket, peer netip.AddrPort, err error) {
	err = s.within(func() (err error) {
		conn, peer, err = s.Socket.Accept()
		return err
	})
	if conn == nil || err != nil {
		return nil, peer, err
	}
	return probed{conn}, peer, nil
}

func (s probed) Connect(address netip.AddrPort) error {
	return s.within(func() error { return s.Socket.Connect(address) })
}

func (s probed) ConnectEx(address netip.AddrPort) core.Errno {
	return core.AsErrno(s.within(func() error { return s.Socket.ConnectEx(address) }))
}

func (s probed) Recv(p []byte, flags int) (n int, err error) {
	err = s.within(func() (err error) {
		n, err = s.Socket.Recv(p, flags)
		return err
	})
	return n, err
}

func (s probed) RecvFrom(p []byte, flags int) (n int, from netip.AddrPort, err error) {
	err = s.within(func() (err error) {
		n, from, err = s.Socket.RecvFrom(p, flags)
		return err
	})
	return n, from, err
}

func (s probed) Send(p []byte, flags int) (n int, err error) {
	err = s.within(func() (err error) {
		n, err = s.Socket.Send(p, flags)
		return err
	})
	return n, err
}

func (s probed) SendAll(p []byte, flags int) error {
	return s.within(func() error { return s.Socket.SendAll(p, flags) })
}

func (s probed) SendTo(p []byte, flags int, address netip.AddrPort) (n int, err error) {
	err = s.within(func() (err error) {
		n, err = s.Socket.SendTo(p, flags, address)
		return err
	})
	return n, err
}
