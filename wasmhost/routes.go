package wasmhost

import (
	"maps"
	"sync"
)

// routes are those of a host that are not drained.
type routes struct {
	mu  sync.Mutex
	all map[*Route]struct{}
}

func (r *routes) add(route *Route) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.all == nil {
		r.all = make(map[*Route]struct{})
	}
	r.all[route] = struct{}{}
}

func (r *routes) remove(route *Route) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.all, route)
}

// each is the routes there are at the moment.
func (r *routes) each() map[*Route]struct{} {
	r.mu.Lock()
	defer r.mu.Unlock()
	return maps.Clone(r.all)
}
