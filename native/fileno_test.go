//go:build linux || darwin || freebsd

package native

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// duplicate returns another descriptor of a socket, blocking and inheritable
// as one that is inherited.
func duplicate(t *testing.T, s *socket) int {
	t.Helper()
	fd := value(Dup(s))(t)
	if flags := value(unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0))(t); flags&unix.FD_CLOEXEC == 0 {
		t.Error("a duplicate is inherited")
	}
	value(unix.FcntlInt(uintptr(fd), unix.F_SETFD, 0))(t)
	must(t, unix.SetNonblock(fd, false))
	return fd
}

func TestFromFilenoIsTheSocketOfADescriptor(t *testing.T) {
	listener, address := listening(t, 1)
	s := value(FromFileno(duplicate(t, listener)))(t)
	defer s.Close()
	if s.Family() != core.AF_INET || s.Type() != core.SOCK_STREAM || value(s.GetSockName())(t) != address {
		t.Errorf("it is of family %v and type %v", s.Family(), s.Type())
	}
	if listens := value(core.GetInt(s, core.SOL_SOCKET, core.SO_ACCEPTCONN))(t); listens == 0 {
		t.Error("it does not listen")
	}
	fd := uintptr(s.Fileno())
	if flags := value(unix.FcntlInt(fd, unix.F_GETFD, 0))(t); flags&unix.FD_CLOEXEC == 0 {
		t.Error("it is inherited by the next process")
	}
	if flags := value(unix.FcntlInt(fd, unix.F_GETFL, 0))(t); flags&unix.O_NONBLOCK == 0 {
		t.Error("it blocks its thread")
	}
	must(t, listener.Close())
	client := stream(t)
	must(t, client.Connect(address))
	conn, _, err := s.Accept()
	must(t, err)
	must(t, conn.Close())
}

func TestFromFilenoKnowsFamilyAndType(t *testing.T) {
	for _, family := range []core.Family{core.AF_INET, core.AF_INET6} {
		for _, typ := range []core.Type{core.SOCK_STREAM, core.SOCK_DGRAM} {
			made, err := Network{}.Socket(family, typ, 0)
			if err != nil {
				t.Logf("no socket of family %v here: %v", family, err)
				continue
			}
			s := value(FromFileno(duplicate(t, made.(*socket))))(t)
			if s.Family() != family || s.Type() != typ {
				t.Errorf("family %v and type %v come back as %v and %v", family, typ, s.Family(), s.Type())
			}
			must(t, s.Close())
			must(t, made.Close())
		}
	}
}

func TestFromFilenoLeavesWhatIsNoSocketOfTheContract(t *testing.T) {
	file := value(os.Open(os.DevNull))(t)
	defer file.Close()
	pair := value(unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0))(t)
	defer unix.Close(pair[0])
	defer unix.Close(pair[1])
	for fd, want := range map[int]error{-1: core.EBADF, 1 << 20: core.EBADF, int(file.Fd()): core.ENOTSOCK, pair[0]: core.EAFNOSUPPORT} {
		_, err := FromFileno(fd)
		wantErr(t, "FromFileno", err, want)
	}
	for _, fd := range []int{int(file.Fd()), pair[0]} {
		if _, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err != nil {
			t.Errorf("descriptor %d is gone: %v", fd, err)
		}
	}
}
