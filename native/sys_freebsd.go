package native

import (
	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// pollRDHUP is sys/poll.h's number. A release that is too old to have it
// reports nothing by it.
const pollRDHUP = 0x4000

var ownPlaces = map[place]place{
	{core.SOL_SOCKET, core.SO_LINGER}:   {unix.SOL_SOCKET, unix.SO_LINGER},
	{core.SOL_TCP, core.TCP_KEEPIDLE}:   {unix.IPPROTO_TCP, unix.TCP_KEEPIDLE},
	{core.SOL_TCP, core.TCP_CONGESTION}: {unix.IPPROTO_TCP, unix.TCP_CONGESTION},
}

// toPoll turns the contract's events into the system's, which differ in one.
func toPoll(events int16) int16 {
	if events&core.POLLRDHUP != 0 {
		return events&^core.POLLRDHUP | pollRDHUP
	}
	return events
}

func fromPoll(_, revents int16) int16 {
	if revents&pollRDHUP != 0 {
		return revents&^pollRDHUP | core.POLLRDHUP
	}
	return revents
}
