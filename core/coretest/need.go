package coretest

import (
	"testing"

	"github.com/sandsock/sandsock/core"
)

// NeedSockets skips a test where the network makes no sockets: the native one,
// on a system it does not know.
func NeedSockets(t testing.TB, n core.Network) {
	t.Helper()
	s, err := n.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		t.Skip(err)
	}
	_ = s.Close()
}
