//go:build linux || darwin || freebsd || windows

package native

import (
	"time"

	"github.com/sandsock/sandsock/core"
)

func (s *socket) Family() core.Family { return s.family }
func (s *socket) Type() core.Type     { return s.typ }
func (s *socket) Proto() int          { return s.proto }

// Fileno returns the system's number of the descriptor, -1 once closed. It is
// for showing: the descriptor stays the socket's.
func (s *socket) Fileno() int {
	if s.closed.Load() {
		return -1
	}
	return s.fd
}

// SetTimeout sets the socket's one state of waiting. It makes no system call:
// the descriptor is non-blocking in every mode.
func (s *socket) SetTimeout(d time.Duration) error {
	if s.closed.Load() {
		return core.EBADF
	}
	s.timeout.Store(int64(max(d, core.Blocking)))
	return nil
}

// GetTimeout returns what SetTimeout set.
func (s *socket) GetTimeout() (time.Duration, error) {
	if s.closed.Load() {
		return 0, core.EBADF
	}
	return time.Duration(s.timeout.Load()), nil
}

// SetBlocking is SetTimeout by a word.
func (s *socket) SetBlocking(on bool) error {
	if on {
		return s.SetTimeout(core.Blocking)
	}
	return s.SetTimeout(core.NonBlocking)
}

// closedOr puts EBADF before an error that was found without asking the
// descriptor.
func (s *socket) closedOr(err error) error {
	if s.closed.Load() {
		return core.EBADF
	}
	return err
}
