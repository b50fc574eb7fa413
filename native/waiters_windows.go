package native

import "sync"

// waiters is what waits for a socket, to be woken when it is closed or
// canceled. A waiter is a channel with room for one token; who finds one looks
// for its cause. The zero value has none.
type waiters struct {
	mu    sync.Mutex
	count map[chan struct{}]int // a socket may be twice in one poll
}

func (w *waiters) add(woken chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count == nil {
		w.count = make(map[chan struct{}]int)
	}
	w.count[woken]++
}

func (w *waiters) remove(woken chan struct{}) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.count[woken]--; w.count[woken] == 0 {
		delete(w.count, woken)
	}
}

func (w *waiters) wake() {
	w.mu.Lock()
	defer w.mu.Unlock()
	for woken := range w.count {
		select {
		case woken <- struct{}{}:
		default: // it has its token
		}
	}
}
