package socket

import (
	"math"
	"net/netip"
	"time"

	"github.com/sandsock/sandsock/core"
)

// This file turns what crosses the boundary into Go's values and back.

// count returns a host's result as a Go function's two.
func count(result int32) (int, error) {
	if result < 0 {
		return 0, failure(result)
	}
	return int(result), nil
}

// failure returns the error of a host's result, nil where it is 0 or more.
// The two errors a waiting loop meets again and again are constants, which
// become an error without an allocation.
func failure(result int32) error {
	switch core.Errno(-result) {
	case core.EAGAIN:
		return core.EAGAIN
	case core.ErrTimeout:
		return core.ErrTimeout
	}
	if result < 0 {
		return core.Errno(-result)
	}
	return nil
}

// clamp returns n as the host takes numbers; what does not fit is as large as
// can be, and no more valid than it was.
func clamp(n int) int32 { return int32(min(max(n, math.MinInt32), math.MaxInt32)) }

// size returns a slice's length as the host takes it.
func size(p []byte) uint32 { return uint32(min(len(p), math.MaxInt32)) }

// addressText is room for any address's text: 45 bytes for an IPv6 address, a
// zone's number, brackets and port.
type addressText [80]byte

// parse returns the address whose text has the given full length, the zero
// AddrPort for none. What a host could not have meant is EIO.
func (t *addressText) parse(length uint32) (netip.AddrPort, error) {
	switch {
	case length == 0:
		return netip.AddrPort{}, nil
	case length > uint32(len(t)):
		return netip.AddrPort{}, core.EIO
	}
	address, err := netip.ParseAddrPort(string(t[:length]))
	if err != nil {
		return netip.AddrPort{}, core.EIO
	}
	return address, nil
}

// seconds returns a duration as the host takes it. The host rounds up to a
// nanosecond, so where the nearest float is above d it would come out one too
// long: then the float before it is meant.
func seconds(d time.Duration) float64 {
	s := core.TimeoutSeconds(d)
	if rounded, err := core.TimeoutFromSeconds(s); err == nil && rounded > d && d > 0 {
		return math.Nextafter(s, 0)
	}
	return s
}
