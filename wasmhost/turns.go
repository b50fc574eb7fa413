package wasmhost

import (
	"runtime"
	"sync"
)

// turns are what guests that compute for longer than a slice run by, first
// come first served. There is one less than there are processors, so that one
// is always free to poll the network and to run guests that only answer.
type turns struct {
	mu      sync.Mutex
	free    int
	waiting []chan struct{} // first come first; each has room for its one turn
	only    bool            // there is one processor: others get it at each pass
}

func newTurns() *turns {
	n := runtime.GOMAXPROCS(0)
	return &turns{free: max(1, n-1), only: n == 1}
}

// take waits for a turn and reports whether it got one: not where done was
// closed first.
func (t *turns) take(done <-chan struct{}) bool {
	t.mu.Lock()
	if t.free > 0 {
		t.free--
		t.mu.Unlock()
		return true
	}
	mine := make(chan struct{}, 1)
	t.waiting = append(t.waiting, mine)
	t.mu.Unlock()
	select {
	case <-mine:
		return true
	case <-done:
		t.leave(mine)
		return false
	}
}

// leave takes back a wait. The turn may have come meanwhile: it is passed on.
func (t *turns) leave(mine chan struct{}) {
	t.mu.Lock()
	for i, w := range t.waiting {
		if w == mine {
			t.waiting = append(t.waiting[:i], t.waiting[i+1:]...)
			t.mu.Unlock()
			return
		}
	}
	t.mu.Unlock()
	t.give()
}

// give gives a turn back, to whoever waits longest.
func (t *turns) give() {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.waiting) == 0 {
		t.free++
		return
	}
	t.waiting[0] <- struct{}{}
	t.waiting = t.waiting[1:]
}

// pass gives a turn to whoever waits and waits for another; where nobody
// waits, the turn is kept.
func (t *turns) pass(done <-chan struct{}) bool {
	t.mu.Lock()
	wanted := len(t.waiting) > 0
	t.mu.Unlock()
	if wanted {
		t.give()
		return t.take(done)
	}
	if t.only {
		runtime.Gosched()
	}
	return true
}
