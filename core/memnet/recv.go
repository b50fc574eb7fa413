package memnet

import (
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

func (s *socket) Recv(p []byte, flags int) (int, error) {
	n, _, err := s.recv("recv", p, flags)
	return n, asError(err)
}

func (s *socket) RecvFrom(p []byte, flags int) (int, netip.AddrPort, error) {
	n, from, err := s.recv("recvfrom", p, flags)
	return n, from, asError(err)
}

func (s *socket) recv(call string, p []byte, flags int) (n int, from netip.AddrPort, err core.Errno) {
	flags, bad := core.CheckFlags(flags)
	fault, err := s.enter(call)
	switch {
	case err != 0:
		return 0, from, err
	case bad != nil:
		return 0, from, core.AsErrno(bad)
	case call == "recv" && len(p) == 0: // CPython makes no system call for it
		return 0, from, 0
	case s.stream():
		n, err = s.recvStream(fault.cut(p), flags)
		return n, from, err
	}
	wait := s.patience(flags)
	err = s.await(wait, core.POLLIN, func() (err core.Errno) {
		n, from, err = s.readDatagram(p, flags, wait.mode)
		return err
	})
	return n, from, err
}

// recvStream waits for something to read. With MSG_WAITALL a socket that
// blocks waits for all of p; in the other modes the descriptor below is
// non-blocking, so that the flag does nothing, as in CPython, and it does
// nothing to MSG_PEEK.
func (s *socket) recvStream(p []byte, flags int) (int, core.Errno) {
	wait := s.patience(flags)
	all := flags&(core.MSG_WAITALL|core.MSG_PEEK) == core.MSG_WAITALL && wait.mode < 0
	got := 0
	err := s.await(wait, core.POLLIN, func() core.Errno {
		if got == 0 || len(s.in) > 0 {
			n, err := s.readStream(p[got:], flags)
			got += n
			if err != 0 || n == 0 || !all || got == len(p) {
				return err
			}
		}
		if s.halted() {
			return 0 // an error stays for the next call
		}
		return core.EAGAIN
	})
	if got > 0 {
		return got, 0
	}
	return 0, err
}
