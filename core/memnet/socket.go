package memnet

import (
	"net/netip"
	"time"

	"github.com/sandsock/sandsock/core"
)

// state is how far a stream socket has come.
type state uint8

const (
	idle       state = iota // neither listens nor has a connection; a datagram socket stays so
	listening               // in a listener's life
	connecting              // waits for room in a listener's backlog
	refused                 // a connect failed, and its caller has not been told
	connected               // has, or has had, a connection
)

// socket is one end. What the first group does not hold is guarded by the
// network's lock.
type socket struct {
	network *Network
	family  core.Family
	typ     core.Type
	proto   int

	fileno   int // -1 before accept and once closed
	closed   bool
	canceled bool
	cancels  int // how often it was canceled
	timeout  time.Duration
	waiters  []waiter
	options  map[optionKey]int32 // what was set

	device, congestion string // the options that are text
	groups             []membership

	// Addresses are as on the wire: IPv4 is never mapped into IPv6. The zero
	// AddrPort stands for no address.
	local, peer netip.AddrPort
	named       bool       // local's address was given, not taken from a route
	numbered    bool       // local's port was given, not chosen
	holds       bool       // the port is the socket's; local may tell of one it had
	err         core.Errno // what SO_ERROR would say

	state   state
	untold  bool    // no connect has returned success for this connection
	other   *socket // the connection's other end; nil once that is closed
	in      []byte  // arrived, not yet received
	ended   bool    // the peer's end of stream has arrived
	noRead  bool    // after SHUT_RD, also of one that failed
	noWrite bool    // after SHUT_WR, also of one that failed
	fin     bool    // the end of the stream has been sent
	gone    bool    // the connection is over: both ends said so, or a reset

	backlog  int
	arrivals []*socket // connections to accept
	pending  []*socket // clients that wait for room
	listener *socket   // where this client waits

	datagrams []datagram
	queued    int // what datagrams cost of the receive buffer
}

func (s *socket) Family() core.Family { return s.family }
func (s *socket) Type() core.Type     { return s.typ }
func (s *socket) Proto() int          { return s.proto }

func (s *socket) stream() bool { return s.typ == core.SOCK_STREAM }

func (s *socket) Fileno() int {
	s.network.mu.Lock()
	defer s.network.mu.Unlock()
	return s.fileno
}

func (s *socket) SetTimeout(d time.Duration) error {
	return s.locked(func() core.Errno {
		if d < 0 {
			d = core.Blocking
		}
		s.timeout = d
		return 0
	})
}

func (s *socket) GetTimeout() (time.Duration, error) {
	var d time.Duration
	err := s.locked(func() core.Errno {
		d = s.timeout
		return 0
	})
	return d, err
}

func (s *socket) SetBlocking(on bool) error {
	if on {
		return s.SetTimeout(core.Blocking)
	}
	return s.SetTimeout(core.NonBlocking)
}

func (s *socket) SetCanceled(on bool) {
	s.network.mu.Lock()
	defer s.network.mu.Unlock()
	s.canceled = on
	if on {
		s.cancels++
		s.wake()
	}
}

// locked runs a call that never waits, under the network's lock, unless the
// socket is closed.
func (s *socket) locked(call func() core.Errno) error {
	s.network.mu.Lock()
	defer s.network.mu.Unlock()
	if s.closed {
		return core.EBADF
	}
	return asError(call())
}

func asError(err core.Errno) error {
	if err == 0 {
		return nil
	}
	return err
}

// takeError returns the error that waits, once. The lock is held.
func (s *socket) takeError() core.Errno {
	err := s.err
	s.err = 0
	return err
}
