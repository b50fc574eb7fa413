package memnet

import (
	"net/netip"
	"slices"
	"time"

	"github.com/sandsock/sandsock/core"
)

// datagram is one message that has arrived.
type datagram struct {
	data []byte
	from netip.AddrPort
}

// datagramCost is what a datagram takes of the receive buffer besides its
// bytes, so that empty ones fill it too.
const datagramCost = 64

// The most bytes of one datagram: 65,535 less the UDP header, and less the
// IPv4 header where there is one.
const (
	maxDatagram4 = 65507
	maxDatagram6 = 65527
)

// readDatagram takes the oldest datagram and cuts it to len(p). An error that
// waits goes first. A receive that has been shut down ends only a call that
// would wait in the kernel. The lock is held.
func (s *socket) readDatagram(p []byte, flags int, mode time.Duration) (int, netip.AddrPort, core.Errno) {
	switch {
	case s.err != 0:
		return 0, netip.AddrPort{}, s.takeError()
	case len(s.datagrams) == 0 && s.noRead && mode < 0:
		return 0, netip.AddrPort{}, 0
	case len(s.datagrams) == 0:
		return 0, netip.AddrPort{}, core.EAGAIN
	}
	d := s.datagrams[0]
	if flags&core.MSG_PEEK == 0 {
		s.datagrams = slices.Delete(s.datagrams, 0, 1)
		s.queued -= len(d.data) + datagramCost
	}
	return copy(p, d.data), s.show(d.from), 0
}

// writeDatagram sends p to the wire address to. The lock is held.
func (s *socket) writeDatagram(p []byte, to netip.AddrPort) (int, core.Errno) {
	ip := to.Addr()
	switch {
	case !ip.IsValid():
		return 0, core.EDESTADDRREQ
	case ip.Is4() && len(p) > maxDatagram4, len(p) > maxDatagram6:
		return 0, core.EMSGSIZE
	case s.err != 0:
		return 0, s.takeError()
	case s.noWrite:
		return 0, core.EPIPE
	case ip == broadcast && !s.flag(core.SOL_SOCKET, core.SO_BROADCAST):
		return 0, core.EACCES
	case !s.network.owns(ip) && !ip.IsMulticast():
		return 0, core.ENETUNREACH
	}
	s.deliver(datagram{slices.Clone(p), s.source(ip)}, to)
	return len(p), 0
}

// deliver puts d into the queue of whoever is bound to the wire address to.
// Where nobody is, a connected sender learns so with its next call, as by
// ICMP's port unreachable; another never does.
func (s *socket) deliver(d datagram, to netip.AddrPort) {
	if to.Addr().IsMulticast() {
		s.multicast(d, to)
		return
	}
	if r := s.network.receiver(d.from, to); r != nil {
		r.enqueue(d)
	} else if s.peer == to {
		s.err = core.ECONNREFUSED
		s.wake()
	}
}

// enqueue appends d, or drops it where the receive buffer is full. The first
// one is always taken.
func (s *socket) enqueue(d datagram) {
	if s.queued >= s.receiveBuffer() {
		return
	}
	s.queued += len(d.data) + datagramCost
	s.datagrams = append(s.datagrams, d)
	s.wake()
}

// hears reports whether a datagram from there is for s: a socket with a peer
// hears that one alone, and where the peer's port is 0 every port of it.
func (s *socket) hears(from netip.AddrPort) bool {
	return !s.peer.IsValid() || s.peer == from || s.peer.Port() == 0 && s.peer.Addr() == from.Addr()
}

// receiver returns who hears a datagram between two wire addresses: a socket
// connected to the sender before others, one bound to the very address before
// one bound to the wildcard, and the latest among equals. The lock is held.
func (n *Network) receiver(from, to netip.AddrPort) *socket {
	var found *socket
	best := 0
	for _, s := range n.bound[portKey{core.SOCK_DGRAM, to.Port()}] {
		if !s.hears(from) || !s.covers(to.Addr()) {
			continue
		}
		score := 1
		if s.local.Addr() == to.Addr() {
			score++
		}
		if s.peer.IsValid() {
			score += 2
		}
		if score >= best {
			found, best = s, score
		}
	}
	return found
}
