//go:build linux || darwin || freebsd

package native

import (
	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

func doRecv(o *op, fd int) (err error) {
	o.n, err = receive(fd, o.p, o.flags)
	return err
}

func doRecvFrom(o *op, fd int) error {
	n, from, err := unix.Recvfrom(fd, o.p, o.flags)
	if err != nil {
		return err // and n is -1
	}
	o.n, o.from = n, from
	return nil
}

// doRecvAll is MSG_WAITALL, which the kernel does not do on a non-blocking
// descriptor. What was read before an error is returned without it. With a
// timeout CPython's descriptor is non-blocking too, and MSG_WAITALL takes what
// is there.
func doRecvAll(o *op, fd int) error {
	for o.n < len(o.p) {
		n, err := receive(fd, o.p[o.n:], 0)
		if err != nil || n == 0 {
			return err
		}
		o.n += n
	}
	return nil
}

// doPeekAll is MSG_WAITALL with MSG_PEEK: each look begins at the front. That
// the stream has ended is asked before, so that nothing comes in between.
func doPeekAll(o *op, fd int) error {
	over := hasEnded(fd)
	n, err := receive(fd, o.p, o.flags)
	if err != nil {
		return err
	}
	o.n = n
	if over || n == len(o.p) || n == 0 {
		return nil
	}
	return unix.EAGAIN
}

func hasEnded(fd int) bool {
	revents := fromPoll(core.POLLRDHUP, pollNow(fd, toPoll(core.POLLRDHUP)))
	return revents&(core.POLLRDHUP|core.POLLHUP|core.POLLERR) != 0
}

func doSend(o *op, fd int) (err error) {
	o.n, err = send(fd, o.p)
	return err
}

// doSendTo uses sendmsg(2): unix.Sendto does not return the count.
func doSendTo(o *op, fd int) (err error) {
	o.n, err = unix.SendmsgN(fd, o.p, nil, o.to, unix.MSG_NOSIGNAL)
	return err
}
