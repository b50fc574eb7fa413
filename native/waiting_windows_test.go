package native

import "testing"

// waiting returns once a call waits in the socket.
func waiting(t testing.TB, d *direction) {
	t.Helper()
	pollsWaiting(t, d.socket)
}

// pollsWaiting returns once a call of Poll waits for the socket.
func pollsWaiting(t testing.TB, s *socket) {
	t.Helper()
	eventually(t, "nothing waits", func() bool {
		s.waiters.mu.Lock()
		defer s.waiters.mu.Unlock()
		return len(s.waiters.count) > 0
	})
}
