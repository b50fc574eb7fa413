package memnet

import "github.com/sandsock/sandsock/core"

func (s *socket) Shutdown(how int) error {
	if _, err := s.enter("shutdown"); err != 0 {
		return err
	}
	return s.locked(func() core.Errno { return s.shutdown(how) })
}

func (s *socket) shutdown(how int) core.Errno {
	read := how == core.SHUT_RD || how == core.SHUT_RDWR
	write := how == core.SHUT_WR || how == core.SHUT_RDWR
	switch {
	case !read && !write:
		return core.EINVAL
	case s.state == listening:
		if read {
			s.stopListening()
		}
		return 0
	case s.state == connecting:
		s.giveUp()
		return 0
	}
	// Linux, in inet_shutdown, remembers what it then says it cannot do.
	s.noRead, s.noWrite = s.noRead || read, s.noWrite || write
	s.wake()
	if !s.hasPeer() {
		return core.ENOTCONN
	}
	if write && s.stream() {
		s.finish()
	}
	return 0
}

// Close gives back the port and the number, and lets every call that waits in
// the socket end with EBADF. It does not wait for data to be received, with
// SO_LINGER neither; SO_LINGER with 0 seconds resets the connection.
func (s *socket) Close() error {
	n := s.network
	n.mu.Lock()
	defer n.mu.Unlock()
	if s.closed {
		return nil
	}
	switch s.state {
	case listening:
		s.stopListening()
	case connecting:
		s.giveUp()
	case connected:
		s.abandon(s.lingerZero())
	}
	s.closed = true
	n.release(s)
	n.giveFileno(s.fileno)
	s.fileno = -1
	s.wake()
	return nil
}
