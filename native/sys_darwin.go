package native

import (
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

var ownPlaces = map[place]place{
	// SO_LINGER counts in clock ticks; this one in seconds, as the contract.
	{core.SOL_SOCKET, core.SO_LINGER}: {unix.SOL_SOCKET, unix.SO_LINGER_SEC},
	{core.SOL_TCP, core.TCP_KEEPIDLE}: {unix.IPPROTO_TCP, unix.TCP_KEEPALIVE},
}

func openSocket(domain, typ, proto int) (int, error) {
	// Darwin has no SOCK_CLOEXEC: the lock keeps a fork from coming between.
	syscall.ForkLock.RLock()
	fd, err := unix.Socket(domain, typ, proto)
	if err == nil {
		unix.CloseOnExec(fd)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, err
	}
	return prepared(fd)
}

func acceptSocket(fd int) (int, unix.Sockaddr, error) {
	syscall.ForkLock.RLock()
	conn, from, err := unix.Accept(fd)
	if err == nil {
		unix.CloseOnExec(conn)
	}
	syscall.ForkLock.RUnlock()
	if err != nil {
		return -1, nil, err
	}
	conn, err = prepared(conn)
	return conn, from, err
}

// prepared makes a descriptor non-blocking, and closes it if that fails, and
// its sends free of SIGPIPE, which fails on a connection already reset.
func prepared(fd int) (int, error) {
	_ = unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_NOSIGPIPE, 1)
	if err := unix.SetNonblock(fd, true); err != nil {
		_ = unix.Close(fd)
		return -1, err
	}
	return fd, nil
}

// toPoll turns the contract's events into the system's. Darwin has no
// POLLRDHUP; there POLLHUP comes as soon as the peer has ended its direction,
// to who asks for POLLIN.
func toPoll(events int16) int16 {
	if events&core.POLLRDHUP != 0 {
		return events&^core.POLLRDHUP | unix.POLLIN
	}
	return events
}

// fromPoll also takes back POLLIN where only POLLRDHUP was asked for.
func fromPoll(events, revents int16) int16 {
	if events&core.POLLRDHUP != 0 && revents&unix.POLLHUP != 0 {
		revents |= core.POLLRDHUP
	}
	return revents & (events | core.POLLERR | core.POLLHUP | core.POLLNVAL)
}
