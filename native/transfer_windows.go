package native

import (
	"time"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

func doRecv(o *op, fd int) error {
	n, err := receive(fd, o.p, o.flags)
	o.n, err = o.received(fd, o.p, n, err)
	return err
}

func doRecvFrom(o *op, fd int) error {
	n, from, err := receiveFrom(fd, o.p, o.flags)
	o.n, err = o.received(fd, o.p, n, err)
	if err == nil {
		o.from = from
	}
	return err
}

// received makes of recv's result what Linux gives.
func (o *op) received(fd int, p []byte, n int, err error) (int, error) {
	s := o.socket
	if err == errWait && o.over != nil && o.over.Load() {
		return 0, nil
	}
	if s.typ != core.SOCK_STREAM {
		return s.receivedDatagram(p, n, err)
	}
	if !s.isStarted() {
		return 0, core.ENOTCONN
	}
	switch err {
	case nil:
		if n == 0 && len(p) > 0 {
			return 0, s.end()
		}
		return n, nil
	case windows.WSAECONNRESET, windows.WSAECONNABORTED:
		// Winsock tells of a reset for ever, Linux once and then of the end,
		// and only of the end where the end came first.
		if s.peerEnded.Load() || s.resetTold.Swap(true) {
			return 0, nil
		}
		return 0, windows.WSAECONNRESET
	case windows.WSAENOTCONN:
		return 0, s.unconnected(fd, err)
	}
	return 0, err
}

// end is what the first receive of 0 bytes stands for: the peer's end, or a
// reset whose number somebody else has taken, which the driver still tells
// apart. Under Wine its server takes it.
func (s *socket) end() error {
	if s.peerEnded.Load() || s.resetTold.Load() {
		return nil
	}
	found, err := s.look(afdDisconnect | afdAbort)
	switch {
	case err != nil:
		return err
	case found == afdAbort && !s.resetTold.Swap(true):
		return windows.WSAECONNRESET
	}
	s.peerEnded.Store(true)
	return nil
}

func (s *socket) receivedDatagram(p []byte, n int, err error) (int, error) {
	switch err {
	case windows.WSAEMSGSIZE: // p has its first part
		return len(p), nil
	case windows.WSAEINVAL: // no address yet, so nothing can have come
		return 0, errWait
	case windows.WSAECONNRESET: // an ICMP message: port unreachable
		if s.phase.Load() == phaseConnected {
			return 0, windows.WSAECONNREFUSED
		}
		return 0, errWait // of no concern without a peer; what follows it is still there
	}
	return n, err
}

// isStarted reports whether the socket is connected, or about to be. One that
// is not, Windows tells so in other words than Linux.
func (s *socket) isStarted() bool {
	phase := s.phase.Load()
	return phase == phaseConnecting || phase == phaseConnected
}

// doRecvAll is MSG_WAITALL, as on Unix.
func doRecvAll(o *op, fd int) error {
	for o.n < len(o.p) {
		n, err := receive(fd, o.p[o.n:], 0)
		n, err = o.received(fd, o.p[o.n:], n, err)
		if err != nil || n == 0 {
			return err
		}
		o.n += n
	}
	return nil
}

// peekPause is how long doPeekAll waits for more. There is no event for it:
// the driver tells that there is something, and there is.
const peekPause = 5 * time.Millisecond

// doPeekAll is MSG_WAITALL with MSG_PEEK: each look begins at the front.
func doPeekAll(o *op, fd int) error {
	o.pause = 0
	over, err := o.socket.look(afdDisconnect | afdAbort)
	if err != nil {
		return err
	}
	n, err := receive(fd, o.p, o.flags)
	if n, err = o.received(fd, o.p, n, err); err != nil {
		return err
	}
	o.n = n
	if over != 0 || n == len(o.p) || n == 0 {
		return nil
	}
	o.pause = peekPause
	return errWait
}

// sendChunk is the most that one send hands over. Windows takes a send whole,
// however large, as long as its buffer is not full: 32 MiB in one call would
// all be kernel memory.
const sendChunk = 64 << 10

// doSend takes as much as there is room for, as Linux does in one call.
func doSend(o *op, fd int) error {
	err := doSendAll(o, fd)
	if err == errWait && o.n > 0 {
		return nil
	}
	return err
}

// doSendAll is doSend until all is taken, on a stream.
func doSendAll(o *op, fd int) error {
	if !o.socket.isStarted() {
		return o.socket.sent(fd, windows.WSAENOTCONN)
	}
	if o.socket.typ != core.SOCK_STREAM {
		return doSendDatagram(o, fd)
	}
	for {
		n, err := send(fd, o.p[o.n:min(o.n+sendChunk, len(o.p))])
		switch {
		case err == nil:
		case o.n == 0:
			return o.socket.sent(fd, err)
		case err == errWait:
			return err
		default:
			return nil // the next call will find it
		}
		if o.n += n; o.n >= len(o.p) || n == 0 {
			return nil
		}
	}
}

// maxPacket is the most an IP packet holds, headers and all. Winsock would
// take a longer length for what is left of it in 32 bits.
const maxPacket = 1<<16 - 1

func doSendDatagram(o *op, fd int) (err error) {
	if len(o.p) > maxPacket {
		return windows.WSAEMSGSIZE
	}
	o.n, err = send(fd, o.p)
	return o.socket.sent(fd, err)
}

// doSendTo is sendto. A stream passes over the address.
func doSendTo(o *op, fd int) error {
	switch {
	case o.socket.typ == core.SOCK_STREAM:
		return doSend(o, fd)
	case len(o.p) > maxPacket:
		return windows.WSAEMSGSIZE
	}
	reachable(o.to)
	err := windows.Sendto(windows.Handle(fd), o.p, 0, o.to)
	switch {
	case err == nil:
		o.n = len(o.p)
	case err == windows.WSAEADDRNOTAVAIL && addrPortOf(o.to).Port() == 0:
		return windows.WSAEINVAL
	}
	return o.socket.sent(fd, err)
}

// sent makes of send's error what Linux gives.
func (s *socket) sent(fd int, err error) error {
	switch err {
	case windows.WSAENOTCONN:
		if s.typ == core.SOCK_DGRAM {
			return core.EDESTADDRREQ
		}
		return s.unconnected(fd, core.EPIPE)
	case windows.WSAESHUTDOWN:
		return core.EPIPE
	case windows.WSAECONNRESET, windows.WSAECONNABORTED:
		if s.typ != core.SOCK_STREAM {
			return windows.WSAECONNREFUSED
		}
		if s.peerEnded.Load() || s.resetTold.Swap(true) {
			return core.EPIPE
		}
		return windows.WSAECONNRESET
	}
	return err
}
