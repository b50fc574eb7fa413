package memnet

import (
	"net/netip"
	"sync"

	"github.com/sandsock/sandsock/core"
)

// Network is a network in memory that implements [core.Network]. The zero
// value is ready to use and has the addresses 127.0.0.0/8 and ::1. Sockets of
// different Networks cannot reach each other. It may be used by any number of
// goroutines and must not be copied.
type Network struct {
	// Hosts are names that GetAddrInfo knows besides localhost, in lower
	// case. Their addresses belong to this world: they can be bound and
	// reached. It must not change once the Network is in use.
	Hosts map[string][]netip.Addr

	// Faults, when not nil, is asked at the boundary of every call what shall
	// go wrong in it: see [Fault]. It must not change once the Network is in
	// use; it is called without a lock held, by whichever goroutine calls.
	Faults func(call string, fileno int) Fault

	mu       sync.Mutex            // guards what follows and every socket's state
	filenos  []bool                // whether descriptor i is open
	bound    map[portKey][]*socket // who has a port, in the order of binding
	nextPort uint16                // where the search for a free port goes on; 0 is the start
}

var _ core.Network = (*Network)(nil)

// Socket makes an unbound socket that blocks: SOCK_STREAM over TCP or
// SOCK_DGRAM over UDP. SOCK_RAW is EPERM, as for a process without
// CAP_NET_RAW. The other errors are those of socket(2).
func (n *Network) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	if err := checkSocket(family, typ, proto); err != 0 {
		return nil, err
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	s := n.newSocket(family, typ, proto)
	s.fileno = n.takeFileno()
	return s, nil
}

func checkSocket(family core.Family, typ core.Type, proto int) core.Errno {
	usual, known := usualProto[typ]
	switch {
	case family != core.AF_INET && family != core.AF_INET6:
		return core.EAFNOSUPPORT
	case typ == core.SOCK_RAW:
		return core.EPERM
	case typ < 0 || typ > 10, proto < 0 || proto > 262: // SOCK_MAX and IPPROTO_MAX
		return core.EINVAL
	case !known:
		return core.ESOCKTNOSUPPORT
	case proto != 0 && proto != usual:
		return core.EPROTONOSUPPORT
	}
	return 0
}

var usualProto = map[core.Type]int{
	core.SOCK_STREAM: core.IPPROTO_TCP,
	core.SOCK_DGRAM:  core.IPPROTO_UDP,
}

func (n *Network) newSocket(family core.Family, typ core.Type, proto int) *socket {
	return &socket{
		network: n,
		family:  family,
		typ:     typ,
		proto:   proto,
		fileno:  -1,
		timeout: core.Blocking,
	}
}

// firstFileno leaves the standard streams their numbers, as in a process.
const firstFileno = 3

// takeFileno returns the lowest free descriptor, as open(2) does. The lock is
// held.
func (n *Network) takeFileno() int {
	for i, open := range n.filenos {
		if !open {
			n.filenos[i] = true
			return firstFileno + i
		}
	}
	n.filenos = append(n.filenos, true)
	return firstFileno + len(n.filenos) - 1
}

func (n *Network) giveFileno(fileno int) {
	if fileno >= firstFileno {
		n.filenos[fileno-firstFileno] = false
	}
}
