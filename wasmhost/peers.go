package wasmhost

import "net/netip"

// peers remembers the last addresses that wrote to a datagram socket: a guest
// may answer them without a grant.
type peers struct {
	last [64]netip.AddrPort
	next int
}

func (p *peers) add(peer netip.AddrPort) {
	if p == nil || p.has(peer) {
		return
	}
	p.last[p.next%len(p.last)] = peer
	p.next++
}

func (p *peers) has(peer netip.AddrPort) bool {
	if p == nil || !peer.IsValid() {
		return false
	}
	for _, have := range p.last {
		if have == peer {
			return true
		}
	}
	return false
}
