package main

import (
	"slices"

	"github.com/sandsock/sandsock/wasmhost"
)

// parted is a route that is gone from the plan and drains: what is told of it,
// until its last connection ends.
type parted struct {
	number  int // from 1: another may have its name by now
	route   *wasmhost.Route
	refusal refusal
}

// part moves a route from those of the plan to those that are gone.
func (s *service) part(r *serving) *parted {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.went++
	p := &parted{s.went, r.route, s.refusals.forget(r.route.Name)}
	s.parted = append(s.parted, p)
	s.routes = slices.DeleteFunc(slices.Clone(s.routes), func(other *serving) bool { return other == r })
	return p
}

// forget is when it is drained.
func (s *service) forget(p *parted) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parted = slices.DeleteFunc(slices.Clone(s.parted), func(other *parted) bool { return other == p })
}

// allParted returns those that are gone and drain. As the next two it may be
// called from any goroutine.
func (s *service) allParted() []*parted {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.parted
}

// connectionsParted is how many those have.
func (s *service) connectionsParted() (open int) {
	for _, p := range s.allParted() {
		open += p.route.Status().Open
	}
	return open
}

// connections is how many there are.
func (s *service) connections() (open int) {
	for _, r := range s.all() {
		open += r.Status().Open
	}
	return open + s.connectionsParted()
}
