//go:build darwin || freebsd

package native

import "golang.org/x/sys/unix"

// finishConnect takes the outcome of a connect. The kernel has already made
// the socket connected, or free for another try.
func finishConnect(fd int, _ unix.Sockaddr) error { return pendingError(fd) }

func receive(fd int, p []byte, flags int) (int, error) {
	n, _, err := unix.Recvfrom(fd, p, flags)
	return max(n, 0), err
}

// send uses sendmsg(2): unix.Sendto does not return the count.
func send(fd int, p []byte) (int, error) {
	return unix.SendmsgN(fd, p, nil, nil, unix.MSG_NOSIGNAL)
}
