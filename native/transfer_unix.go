//go:build linux || darwin || freebsd

package native

import (
	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

func doRecv(o *op, fd int) (err error) {
	o.n, err = receive(fd, o.p, o.flags)
	return o.orEnd(fd, err)
}

func doRecvFrom(o *op, fd int) error {
	n, from, err := unix.Recvfrom(fd, o.p, o.flags)
	if err != nil {
		return o.orEnd(fd, err) // and n is -1
	}
	o.n, o.from = n, from
	return nil
}

// orEnd is no error where a blocking receive finds nothing because receiving
// has been shut down. Of a datagram socket Linux gives a blocking descriptor
// 0 bytes then, and a non-blocking one EAGAIN. It asks the kernel: SHUT_RD
// counts on a socket without a peer too, though it is ENOTCONN. See
// net/ipv4/af_inet.c, inet_shutdown.
func (o *op) orEnd(fd int, err error) error {
	if err == unix.EAGAIN && o.over != nil && o.over.Load() && hasEnded(fd) {
		return nil
	}
	return err
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
	o.n, err = sendTo(fd, o.p, o.to)
	return err
}

func sendTo(fd int, p []byte, to unix.Sockaddr) (int, error) {
	return unix.SendmsgN(fd, p, nil, to, unix.MSG_NOSIGNAL)
}

// doSendAll is a blocking send, or a sendto: it goes on until all is taken. An
// error that comes after a part stays on the socket for the next call, as the
// kernel leaves it.
func doSendAll(o *op, fd int) error {
	for o.n == 0 || pollNow(fd, 0)&unix.POLLERR == 0 {
		n, err := o.sendRest(fd)
		if err != nil {
			return err
		}
		if o.n += n; o.n == len(o.p) {
			return nil
		}
	}
	return nil
}

func (o *op) sendRest(fd int) (int, error) {
	if o.to != nil {
		return sendTo(fd, o.p[o.n:], o.to)
	}
	return send(fd, o.p[o.n:])
}
