//go:build !linux && !darwin && !freebsd && !windows

package native

import (
	"context"
	"errors"
	"testing"

	"github.com/sandsock/sandsock/core"
)

func TestEveryCallSaysThatThereAreNoSockets(t *testing.T) {
	ctx := context.Background()
	_, made := Network{}.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	_, resolved := Network{}.GetAddrInfo(ctx, "localhost", core.AF_INET)
	_, polled := Network{}.Poll(ctx, nil, 0)
	_, taken := FromFileno(3)
	_, duplicated := Dup(nil)
	for _, err := range []error{made, taken, duplicated, resolved, polled} {
		if core.AsErrno(err) != core.ENOTSUP || !errors.Is(err, core.ENOTSUP) {
			t.Errorf("got error %v, want ENOTSUP", err)
		}
	}
}
