package main

import (
	"cmp"
	"os"
	"runtime/debug"

	"github.com/sandsock/sandsock/wasmhost"
)

// leastHeap is what Go may always have: collecting for less would only take
// time.
const leastHeap = 256 << 20

// boundGarbage has Go collect its garbage before that fills the half of a
// budget, the other half being what guests write: by itself Go lets as much
// garbage lie about as it has in use. Whoever sets GOMEMLIMIT knows better.
func boundGarbage(budget int64) {
	budget = cmp.Or(budget, wasmhost.DefaultBudget)
	if os.Getenv("GOMEMLIMIT") == "" && budget > 0 {
		debug.SetMemoryLimit(max(budget/2, leastHeap))
	}
}
