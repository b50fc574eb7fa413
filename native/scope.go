//go:build linux || darwin || freebsd || windows

package native

import (
	"net"
	"strconv"

	"github.com/sandsock/sandsock/core"
)

// scopeID returns the interface's number a zone stands for. See RFC 4007,
// section 11.
func scopeID(zone string) (uint32, error) {
	if zone == "" {
		return 0, nil
	}
	if n, err := strconv.ParseUint(zone, 10, 32); err == nil {
		return uint32(n), nil
	}
	card, err := net.InterfaceByName(zone)
	if err != nil {
		return 0, core.EAI_NONAME
	}
	return uint32(card.Index), nil
}
