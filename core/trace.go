package core

import (
	"context"
	"net/netip"
	"sync/atomic"
	"time"
)

// Trace returns a network whose sockets report every call, those of the
// sockets they accept among them. Report is called in the goroutine that made
// the call, before and after it, and from several goroutines at once where
// several use the sockets.
func Trace(network Network, report func(Event)) Network {
	return &tracer{Network: network, report: report}
}

type tracer struct {
	Network
	report func(Event)
	made   atomic.Int64
}

func (t *tracer) Socket(family Family, typ Type, proto int) (Socket, error) {
	s, err := t.Network.Socket(family, typ, proto)
	if err != nil {
		return nil, err
	}
	traced := t.wrap(s)
	end := traced.begin(Event{Call: "socket"})
	end(Event{})
	return traced, nil
}

func (t *tracer) Poll(ctx context.Context, list []PollFd, timeout time.Duration) (int, error) {
	inner := make([]PollFd, len(list))
	for i, entry := range list {
		if traced, ok := entry.Socket.(*tracedSocket); ok {
			entry.Socket = traced.Socket
		}
		inner[i] = entry
	}
	n, err := t.Network.Poll(ctx, inner, timeout)
	for i := range list {
		list[i].Revents = inner[i].Revents
	}
	return n, err
}

func (t *tracer) wrap(s Socket) *tracedSocket {
	return &tracedSocket{Socket: s, tracer: t, number: int(t.made.Add(1))}
}

type tracedSocket struct {
	Socket
	tracer *tracer
	number int
}

// begin reports the call and returns the function that reports its end: the
// same event with the results of the one it is given.
func (s *tracedSocket) begin(e Event) func(Event) {
	e.Socket, e.At = s.number, time.Now()
	s.tracer.report(e)
	return func(result Event) {
		e.Ended, e.At, e.N, e.Err = true, time.Now(), result.N, result.Err
		if result.Data != nil {
			e.Data = result.Data
		}
		if result.Address.IsValid() {
			e.Address = result.Address
		}
		s.tracer.report(e)
	}
}

func (s *tracedSocket) Bind(address netip.AddrPort) error {
	end := s.begin(Event{Call: "bind", Address: address})
	err := s.Socket.Bind(address)
	end(Event{Err: err})
	return err
}

func (s *tracedSocket) Listen(backlog int) error {
	end := s.begin(Event{Call: "listen", Size: backlog})
	err := s.Socket.Listen(backlog)
	end(Event{Err: err})
	return err
}

func (s *tracedSocket) Accept() (Socket, netip.AddrPort, error) {
	end := s.begin(Event{Call: "accept"})
	accepted, peer, err := s.Socket.Accept()
	if err != nil {
		end(Event{Err: err})
		return nil, peer, err
	}
	conn := s.tracer.wrap(accepted)
	end(Event{N: conn.number, Address: peer})
	return conn, peer, nil
}

func (s *tracedSocket) Connect(address netip.AddrPort) error {
	end := s.begin(Event{Call: "connect", Address: address})
	err := s.Socket.Connect(address)
	end(Event{Err: err})
	return err
}

func (s *tracedSocket) ConnectEx(address netip.AddrPort) Errno {
	end := s.begin(Event{Call: "connect_ex", Address: address})
	e := s.Socket.ConnectEx(address)
	end(Event{N: e.Info().Linux})
	return e
}

func (s *tracedSocket) Recv(p []byte, flags int) (int, error) {
	end := s.begin(Event{Call: "recv", Size: len(p)})
	n, err := s.Socket.Recv(p, flags)
	end(Event{N: n, Data: p[:n], Err: err})
	return n, err
}

func (s *tracedSocket) RecvFrom(p []byte, flags int) (int, netip.AddrPort, error) {
	end := s.begin(Event{Call: "recvfrom", Size: len(p)})
	n, from, err := s.Socket.RecvFrom(p, flags)
	end(Event{N: n, Data: p[:n], Address: from, Err: err})
	return n, from, err
}

func (s *tracedSocket) Send(p []byte, flags int) (int, error) {
	end := s.begin(Event{Call: "send", Size: len(p), Data: p})
	n, err := s.Socket.Send(p, flags)
	end(Event{N: n, Err: err})
	return n, err
}

func (s *tracedSocket) SendAll(p []byte, flags int) error {
	end := s.begin(Event{Call: "sendall", Size: len(p), Data: p})
	err := s.Socket.SendAll(p, flags)
	end(Event{Err: err})
	return err
}

func (s *tracedSocket) SendTo(p []byte, flags int, address netip.AddrPort) (int, error) {
	end := s.begin(Event{Call: "sendto", Size: len(p), Data: p, Address: address})
	n, err := s.Socket.SendTo(p, flags, address)
	end(Event{N: n, Err: err})
	return n, err
}

func (s *tracedSocket) Shutdown(how int) error {
	end := s.begin(Event{Call: "shutdown", Size: how})
	err := s.Socket.Shutdown(how)
	end(Event{Err: err})
	return err
}

func (s *tracedSocket) Close() error {
	if s.Fileno() < 0 {
		return s.Socket.Close() // the harmless second close is no event
	}
	end := s.begin(Event{Call: "close"})
	err := s.Socket.Close()
	end(Event{Err: err})
	return err
}

func (s *tracedSocket) SetTimeout(d time.Duration) error {
	end := s.begin(Event{Call: "settimeout", Seconds: TimeoutSeconds(d)})
	err := s.Socket.SetTimeout(d)
	end(Event{Err: err})
	return err
}

func (s *tracedSocket) SetBlocking(on bool) error {
	if on {
		return s.SetTimeout(Blocking)
	}
	return s.SetTimeout(NonBlocking)
}

func (s *tracedSocket) GetPeerName() (netip.AddrPort, error) {
	end := s.begin(Event{Call: "getpeername"})
	address, err := s.Socket.GetPeerName()
	end(Event{Address: address, Err: err})
	return address, err
}

func (s *tracedSocket) GetSockName() (netip.AddrPort, error) {
	end := s.begin(Event{Call: "getsockname"})
	address, err := s.Socket.GetSockName()
	end(Event{Address: address, Err: err})
	return address, err
}
