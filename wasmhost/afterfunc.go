package wasmhost

import "sync"

// afterFuncs are what is to run when an instance is canceled. With AfterFunc
// the instance is a context that needs no goroutine for each wait that hangs
// on it: see [context.AfterFunc].
type afterFuncs struct {
	mu    sync.Mutex
	last  int
	funcs map[int]func()
	over  bool
}

// AfterFunc makes f run in a goroutine of its own once the instance is
// canceled. The function it returns takes that back, and reports whether it
// was in time.
func (g *instance) AfterFunc(f func()) (stop func() bool) {
	a := &g.atCancel
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.over {
		go f()
		return func() bool { return false }
	}
	if a.funcs == nil {
		a.funcs = make(map[int]func())
	}
	a.last++
	key := a.last
	a.funcs[key] = f
	return func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		_, waiting := a.funcs[key]
		delete(a.funcs, key)
		return waiting
	}
}

func (a *afterFuncs) run() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.over = true
	for _, f := range a.funcs {
		go f()
	}
	a.funcs = nil
}
