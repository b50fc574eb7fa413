package memnet

import (
	"net/netip"
	"slices"

	"github.com/sandsock/sandsock/core"
)

// portKey is a port of one protocol.
type portKey struct {
	typ  core.Type
	port uint16
}

// The ports handed out on their own, IANA's dynamic range.
const (
	firstPort = 49152
	lastPort  = 65535
)

func (s *socket) Bind(address netip.AddrPort) error {
	if _, err := s.enter("bind"); err != 0 {
		return err
	}
	return s.locked(func() core.Errno {
		at, err := s.wire(address)
		if err != 0 {
			return err
		}
		return s.bind(at)
	})
}

// bind gives s the wire address at. The lock is held.
func (s *socket) bind(at netip.AddrPort) core.Errno {
	n, ip := s.network, at.Addr()
	switch {
	case s.holds || ip.Is4() && s.v6only():
		return core.EINVAL
	case ip.Is6() && ip.IsMulticast() && s.stream():
		return core.EINVAL
	case !ip.IsUnspecified() && !toMany(ip) && !n.owns(ip):
		return core.EADDRNOTAVAIL
	}
	if err := s.bindPort(at); err != 0 {
		return err
	}
	s.named, s.numbered = !ip.IsUnspecified(), at.Port() != 0
	if s.named && ip.Is6() {
		s.put(v6onlyKey, 1)
	}
	return 0
}

// bindPort gives s the address at where its port is free. Where it is not,
// Linux takes the address of an earlier life from s too, but not the port.
func (s *socket) bindPort(at netip.AddrPort) core.Errno {
	if at.Port() == 0 {
		return s.bindFree(at.Addr())
	}
	before := s.local
	s.local = at
	if s.network.clashes(s) {
		s.local = netip.AddrPort{}
		if before.IsValid() {
			s.local = netip.AddrPortFrom(s.wildcard(), before.Port())
		}
		return core.EADDRINUSE
	}
	s.network.enroll(s)
	return 0
}

// bindFree gives s the next port in sequence that no socket of its type has.
func (s *socket) bindFree(ip netip.Addr) core.Errno {
	n := s.network
	for range lastPort - firstPort + 1 {
		port := max(n.nextPort, firstPort)
		n.nextPort = port + 1 // after the last port 0, which is the first again
		if len(n.bound[portKey{s.typ, port}]) == 0 {
			s.local = netip.AddrPortFrom(ip, port)
			n.enroll(s)
			return 0
		}
	}
	return core.EADDRINUSE
}

// autobind gives s a port where it has none. A connect or a send to ip takes
// the address from its route later; until then it is the wildcard, or what s
// was bound to before it lost its port.
func (s *socket) autobind() core.Errno {
	switch {
	case s.holds:
		return 0
	case s.local.IsValid():
		return s.bindFree(s.local.Addr())
	}
	return s.bindFree(s.wildcard())
}

func (s *socket) key() portKey { return portKey{s.typ, s.local.Port()} }

func (n *Network) enroll(s *socket) {
	if n.bound == nil {
		n.bound = make(map[portKey][]*socket)
	}
	n.bound[s.key()] = append(n.bound[s.key()], s)
	s.holds = true
}

// losePort is what tcp_set_state does to a socket that is closed as TCP has
// it, while its owner still has it open: a port that was not asked for by
// number goes back, though GetSockName goes on to tell it. The lock is held.
func (s *socket) losePort() {
	if !s.numbered {
		s.network.release(s)
	}
}

// release gives s's port back. The lock is held.
func (n *Network) release(s *socket) {
	if !s.holds {
		return
	}
	s.holds = false
	key := s.key()
	rest := slices.DeleteFunc(n.bound[key], func(o *socket) bool { return o == s })
	if len(rest) == 0 {
		delete(n.bound, key)
		return
	}
	n.bound[key] = rest
}

// clashes reports whether s may not have its address beside those that have
// its port.
func (n *Network) clashes(s *socket) bool {
	return slices.ContainsFunc(n.bound[s.key()], func(o *socket) bool {
		overlap := s.covers(o.local.Addr()) || o.covers(s.local.Addr())
		return o != s && overlap && !mayShare(s, o)
	})
}

// mayShare says when a may have the address b has: when both have
// SO_REUSEPORT, or both SO_REUSEADDR and b does not listen. See socket(7).
func mayShare(a, b *socket) bool {
	if a.flag(core.SOL_SOCKET, core.SO_REUSEPORT) && b.flag(core.SOL_SOCKET, core.SO_REUSEPORT) {
		return true
	}
	return a.flag(core.SOL_SOCKET, core.SO_REUSEADDR) && b.flag(core.SOL_SOCKET, core.SO_REUSEADDR) &&
		b.state != listening
}

func (s *socket) GetSockName() (netip.AddrPort, error) {
	var name netip.AddrPort
	err := s.locked(func() core.Errno {
		name = netip.AddrPortFrom(s.wildcard(), 0)
		if s.local.IsValid() {
			name = s.show(s.local)
		}
		return 0
	})
	return name, err
}

func (s *socket) GetPeerName() (netip.AddrPort, error) {
	var name netip.AddrPort
	err := s.locked(func() core.Errno {
		if !s.hasPeer() || s.peer.Port() == 0 {
			return core.ENOTCONN
		}
		name = s.show(s.peer)
		return 0
	})
	return name, err
}

// hasPeer reports whether s is connected now. A datagram socket's peer may
// have port 0: then it can be sent to, and nobody hears it.
func (s *socket) hasPeer() bool {
	if s.stream() {
		return s.state == connected && !s.gone
	}
	return s.peer.IsValid()
}
