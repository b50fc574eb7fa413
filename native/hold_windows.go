package native

import "sync"

// hold counts the calls that use a handle now, so that it is closed only when
// none does: its number could be another socket's a moment later. The zero
// value is open and unused. See internal/poll's fdMutex, which does the same.
type hold struct {
	mu     sync.Mutex
	users  int
	closed bool
	free   chan struct{} // made by close if it has to wait
}

// enter reports false once closed.
func (h *hold) enter() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		return false
	}
	h.users++
	return true
}

func (h *hold) leave() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.users--; h.users == 0 && h.free != nil {
		close(h.free)
	}
}

// close lets nobody in any more, and returns when the last has left. No call
// stays long: none waits while it is inside.
func (h *hold) close() {
	h.mu.Lock()
	h.closed = true
	var free chan struct{}
	if h.users > 0 {
		h.free = make(chan struct{})
		free = h.free
	}
	h.mu.Unlock()
	if free != nil {
		<-free
	}
}
