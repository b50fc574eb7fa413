package wasmhost

import (
	"testing"

	"github.com/sandsock/sandsock/core/coretest/faults"
)

// apart runs a fault of the table in a child process, and reports whether it
// did: see [faults.RanApart]. The neighbour is a host of its own, so that what
// the test changes in its fixture is not the neighbour's.
func apart(t *testing.T) bool {
	t.Helper()
	return faults.RanApart(t, func(t *testing.T) string {
		f := newFixture(t, nil)
		_, address := f.serve(RouteConfig{Name: "neighbour", Plugin: f.load("one-echo", oneEcho())})
		return faults.Front(t, f.network, address)
	})
}
