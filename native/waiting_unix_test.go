//go:build linux || darwin || freebsd

package native

import "testing"

// waiting returns once a call waits in the direction, as far as that can be
// seen: the turn is taken.
func waiting(t testing.TB, d *direction) {
	t.Helper()
	eventually(t, "no call waits", func() bool { return d.turn.busy.Load() })
}

// pollsWaiting returns once a call of Poll waits for the socket.
func pollsWaiting(t testing.TB, s *socket) {
	t.Helper()
	eventually(t, "no poll waits", func() bool {
		s.polls.mu.Lock()
		defer s.polls.mu.Unlock()
		return len(s.polls.sets) > 0 || s.read.turn.busy.Load()
	})
}
