//go:build darwin || freebsd || windows

package native

import "github.com/sandsock/sandsock/core"

// place is a system's own numbers of an option.
type place struct{ level, option int }

// madeWith returns the options that say what the socket was made with, in the
// contract's numbers.
func madeWith(s *socket, o core.Option) (int, bool) {
	if o.Level != core.SOL_SOCKET {
		return 0, false
	}
	switch o.Option {
	case core.SO_TYPE:
		return int(s.typ), true
	case core.SO_DOMAIN:
		return int(s.family), true
	case core.SO_PROTOCOL:
		return usualProto(s), true
	}
	return 0, false
}

func usualProto(s *socket) int {
	switch {
	case s.proto != 0:
		return s.proto
	case s.typ == core.SOCK_STREAM:
		return core.IPPROTO_TCP
	case s.typ == core.SOCK_DGRAM:
		return core.IPPROTO_UDP
	}
	return 0
}
