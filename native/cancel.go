//go:build linux || darwin || freebsd || windows

package native

import (
	"sync"
	"sync/atomic"
)

// cancel is whether a socket is canceled. The era counts the changes, so it is
// odd while the socket is canceled; a call that waited through a cancel and
// its taking back still sees that the era is another.
type cancel struct {
	era atomic.Uint32
	mu  sync.Mutex // held while the era changes and the waits are ended
}

func isCanceled(era uint32) bool { return era%2 == 1 }

// SetCanceled ends every call that waits in the socket, and lets none wait
// from now on: one that finds nothing is ECANCELED, in non-blocking mode too.
// SetCanceled(false) takes that back. It does not wait for the calls it ends.
func (s *socket) SetCanceled(on bool) {
	s.cancel.mu.Lock()
	defer s.cancel.mu.Unlock()
	if isCanceled(s.cancel.era.Load()) == on {
		return
	}
	s.cancel.era.Add(1)
	if on {
		s.interrupt()
	}
}
