package main

import (
	"reflect"
	"strconv"
	"strings"

	"github.com/sandsock/sandsock/cmd/sandsock/config"
	"github.com/sandsock/sandsock/wasmhost"
)

// planned is a route that is to be served.
type planned struct {
	endpoint
	handler string // bundled, or a file's path
	backlog int
	terms   wasmhost.Terms
	places  *places // nil for one of the command line
}

// places is where a configuration file says what.
type places struct{ route, listen, handler config.Position }

// same reports whether nothing is to be done to a route.
func (p planned) same(q planned) bool {
	return p.handler == q.handler && p.backlog == q.backlog && reflect.DeepEqual(p.terms, q.terms)
}

// typed names a route: its address as it was typed.
func (p planned) typed() string { return strconv.Itoa(int(p.typ)) + " " + p.text }

// atListen and atHandler add to a failure where the file says what failed.
func (p planned) atListen(f *failure) error {
	if p.places == nil {
		return f
	}
	f.next = strings.ReplaceAll(f.next, "--listen ", "")
	f.next = strings.ReplaceAll(f.next, " with --listen", "")
	return f.at(p.places.listen)
}

func (p planned) atHandler(err error) error {
	f, ok := err.(*failure)
	if !ok || p.places == nil {
		return err
	}
	return f.at(p.places.handler)
}

func (f *failure) at(place config.Position) *failure {
	there := *f // an interrupt is everybody's
	there.text = place.String() + ": " + f.text
	return &there
}
