package memnet

import "github.com/sandsock/sandsock/core"

// readStream takes what has arrived. Before the state is asked, the data goes
// out: a reset does not take away what came before it. The order of the
// questions is tcp_recvmsg's. The lock is held.
func (s *socket) readStream(p []byte, flags int) (int, core.Errno) {
	switch {
	case s.state == listening:
		return 0, core.ENOTCONN
	case len(s.in) > 0:
		return s.take(p, flags), 0
	case s.ended:
		return 0, 0
	case s.err != 0:
		return 0, s.takeError()
	case s.noRead:
		return 0, 0
	case s.state == idle:
		return 0, core.ENOTCONN
	}
	return 0, core.EAGAIN
}

func (s *socket) take(p []byte, flags int) int {
	n := copy(p, s.in)
	if flags&core.MSG_PEEK == 0 {
		s.in = s.in[n:]
		s.other.wake()
	}
	return n
}

// halted reports whether nothing more will arrive.
func (s *socket) halted() bool {
	return s.ended || s.noRead || s.err != 0
}

// writeStream hands as much of p to the other end as it has room for. The
// order of the questions is tcp_sendmsg's. The lock is held.
func (s *socket) writeStream(p []byte) (int, core.Errno) {
	switch {
	case s.err != 0:
		return 0, s.takeError()
	case s.state == connecting:
		return 0, core.EAGAIN
	case s.state != connected || s.noWrite:
		return 0, core.EPIPE
	case len(p) == 0:
		return 0, 0
	case s.other == nil || s.other.noRead && s.other.fin:
		// Nobody reads there any more. The data goes out all the same, and
		// what comes back is a reset.
		s.other.reset()
		s.reset()
		return len(p), 0
	}
	n := min(len(p), s.room())
	if n <= 0 {
		return 0, core.EAGAIN
	}
	s.other.in = append(s.other.in, p[:n]...)
	s.other.wake()
	return n, 0
}

// room is how many bytes a send would take now: what the two buffers on the
// way hold, less what waits in them.
func (s *socket) room() int {
	return s.sendBuffer() + s.other.receiveBuffer() - len(s.other.in)
}

// reset ends the connection as an RST that arrives here does: ECONNRESET, or
// EPIPE after the peer's end of stream. Nil and a connection that is over
// already take none. The lock is held.
func (s *socket) reset() {
	if s == nil || s.gone {
		return
	}
	s.err = core.ECONNRESET
	if s.ended {
		s.err = core.EPIPE
	}
	s.noRead, s.noWrite, s.fin = true, true, true
	s.end()
	s.wake()
}

// finish sends the end of the stream: the last thing the other end will get.
// The lock is held.
func (s *socket) finish() {
	if s.fin {
		return
	}
	s.noWrite, s.fin = true, true
	if s.other == nil {
		s.end()
		return
	}
	s.other.ended = true
	if s.ended {
		s.end()
		s.other.end()
	}
	s.other.wake()
}

// end is the connection's, at this end: Linux's state CLOSE. The lock is held.
func (s *socket) end() {
	s.gone = true
	s.losePort()
}

// abandon is what closing does to a connection: the other end gets the end of
// the stream, or a reset where data was left unread or abort asks for it. See
// RFC 1122, section 4.2.2.13. The lock is held.
func (s *socket) abandon(abort bool) {
	other := s.other
	if abort || len(s.in) > 0 {
		other.reset()
	} else {
		s.finish()
	}
	if other != nil {
		other.other = nil
	}
	s.other, s.in = nil, nil
	other.wake()
}
