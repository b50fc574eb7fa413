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

func openSocket(domain, typ, proto int) (int, error) {
	return unix.Socket(domain, typ|unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC, proto)
}

func acceptSocket(fd int) (int, unix.Sockaddr, error) {
	return unix.Accept4(fd, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
}

// prepared makes a descriptor non-blocking, and closes it if that fails.
func prepared(fd int) (int, error) {
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
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
