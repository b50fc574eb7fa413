//go:build !linux

package follow

import (
	"os"
	"testing"
)

// unprivileged returns what calls a function as somebody who may not read
// everything.
func unprivileged(t *testing.T) (as func(do func())) {
	const why = "root may read everything, and only on Linux can a thread be another user"
	switch {
	case os.Geteuid() != 0:
	case os.Getenv("SANDSOCK_FULL") != "":
		t.Fatal(why)
	default:
		t.Skip(why)
	}
	return itself
}

func letIn(*testing.T, string) {}
