//go:build !linux && !darwin && !freebsd && !windows

package native

import (
	"context"
	"net/netip"
	"runtime"
	"time"

	"github.com/sandsock/sandsock/core"
)

// Network stands where the system's sockets would be: on this system every
// call returns an [UnavailableError].
type Network struct{}

var _ core.Network = Network{}

// UnavailableError says that there are no native sockets on this system, and
// what to use instead. It is ENOTSUP to core.AsErrno and to errors.Is.
type UnavailableError struct{}

// Error returns the sentence.
func (UnavailableError) Error() string {
	return "native sockets are not available on " + runtime.GOOS + " in this version: " +
		"run under Linux, macOS, FreeBSD or Windows, or use the in-memory network of core/memnet"
}

// Unwrap returns ENOTSUP.
func (UnavailableError) Unwrap() error { return core.ENOTSUP }

// FromFileno returns an UnavailableError.
func FromFileno(int) (core.Socket, error) { return nil, UnavailableError{} }

// Dup returns an UnavailableError.
func Dup(core.Socket) (fd int, err error) { return -1, UnavailableError{} }

// Socket returns an UnavailableError.
func (Network) Socket(core.Family, core.Type, int) (core.Socket, error) {
	return nil, UnavailableError{}
}

// GetAddrInfo returns an UnavailableError.
func (Network) GetAddrInfo(context.Context, string, core.Family) ([]netip.Addr, error) {
	return nil, UnavailableError{}
}

// Poll returns an UnavailableError.
func (Network) Poll(context.Context, []core.PollFd, time.Duration) (int, error) {
	return 0, UnavailableError{}
}
