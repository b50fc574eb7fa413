//go:build unix

package supervise

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// descriptor is another descriptor of a new socket that listens.
func descriptor(t *testing.T, l *net.TCPListener) int {
	t.Helper()
	file, err := l.File()
	check(t, err)
	defer file.Close()
	fd, err := unix.FcntlInt(file.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	check(t, err)
	return fd
}

func listener(t *testing.T) *net.TCPListener {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	t.Cleanup(func() { _ = l.Close() })
	return l.(*net.TCPListener)
}

func isOpen(fd int) bool {
	_, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
	return err == nil
}

func TestASocketIsKeptOnce(t *testing.T) {
	var s store
	a, b := listener(t), listener(t)
	first, second, other := descriptor(t, a), descriptor(t, a), descriptor(t, b)
	s.add("a", first, true)
	s.add("b", other, false)
	s.add("again", second, false)
	if s.shared() != "0" { // its earlier name was
		t.Errorf("shared are %s", s.shared())
	}
	if s.names() != "again:b" || isOpen(first) || !isOpen(second) {
		t.Errorf("kept are %s, and the first is open: %v", s.names(), isOpen(first))
	}
	files, err := s.copies()
	check(t, err)
	closeAll(files)
	s.remove("b")
	if s.names() != "again" || isOpen(other) || len(files) != 2 {
		t.Errorf("kept are %s of %d, and what was removed is open: %v", s.names(), len(files), isOpen(other))
	}
	s.close()
	if len(s.kept) > 0 || isOpen(second) {
		t.Errorf("at the end %d are kept", len(s.kept))
	}
}

func TestWhatIsNoSocketIsClosed(t *testing.T) {
	var s store
	read, write, err := os.Pipe()
	check(t, err)
	defer read.Close()
	fd, err := unix.FcntlInt(write.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	check(t, err)
	check(t, write.Close())
	s.add("pipe", fd, false)
	if len(s.kept) > 0 || isOpen(fd) {
		t.Errorf("%d are kept", len(s.kept))
	}
}

func TestNoMoreAreKeptThanThereIsRoomFor(t *testing.T) {
	s := store{kept: make([]kept, mostKept)}
	fd := descriptor(t, listener(t))
	s.add("one more", fd, false)
	if len(s.kept) != mostKept || isOpen(fd) {
		t.Errorf("%d are kept", len(s.kept))
	}
}

func TestANameIsOneThatSystemdTakes(t *testing.T) {
	for name, want := range map[string]string{
		"tcp%3A%2F%2Flocalhost%3A0": "tcp%3A%2F%2Flocalhost%3A0",
		"a b":                       "a b",
		"":                          "stored",
		"a:b":                       "stored",
		"a\nb":                      "stored",
		"é":                         "stored",
		strings.Repeat("x", 255):    strings.Repeat("x", 255),
		strings.Repeat("x", 256):    "stored",
	} {
		if got := validName(name); got != want {
			t.Errorf("%q is called %q", name, got)
		}
	}
}

// sent puts a message into a mailbox and takes it out.
func sent(t *testing.T, text string, descriptors ...int) message {
	t.Helper()
	m, err := openMailbox()
	check(t, err)
	defer m.close()
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.path, Net: "unixgram"})
	check(t, err)
	defer c.Close()
	raw, err := c.SyscallConn()
	check(t, err)
	var failed error
	check(t, raw.Control(func(fd uintptr) {
		failed = unix.Sendmsg(int(fd), []byte(text), unix.UnixRights(descriptors...), nil, 0)
	}))
	check(t, failed)
	got, err := m.next(time.Now().Add(patience))
	check(t, err)
	return got
}

// TestAMessageThatHasComeIsHeard although it is too late: the supervisor was
// stopped itself.
func TestAMessageThatHasComeIsHeard(t *testing.T) {
	m, err := openMailbox()
	check(t, err)
	defer m.close()
	c, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: m.path, Net: "unixgram"})
	check(t, err)
	defer c.Close()
	_, err = c.Write([]byte("WATCHDOG=1"))
	check(t, err)
	if got, err := m.next(past); err != nil || got.lines["WATCHDOG"] != "1" {
		t.Errorf("heard is %+v, %v", got, err)
	}
	if got, err := m.next(past); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("heard is %+v, %v, and nothing has come", got, err)
	}
}

func TestAMessageThatIsTooLongIsNone(t *testing.T) {
	fd := descriptor(t, listener(t))
	defer unix.Close(fd)
	before := opened(t)
	many := make([]int, mostDescriptors+1)
	for i := range many {
		many[i] = fd
	}
	for name, m := range map[string]message{
		"text":        sent(t, "READY=1\nSTATUS="+strings.Repeat("x", mostText), fd),
		"descriptors": sent(t, "READY=1", many...),
	} {
		if len(m.lines)+len(m.descriptors) > 0 {
			t.Errorf("%s: of it %d lines and %d descriptors are taken", name, len(m.lines), len(m.descriptors))
		}
	}
	if after := opened(t); after != before {
		t.Errorf("%d descriptors are open, before it were %d", after, before)
	}
	m := sent(t, "FDSTORE=1\nstrange\nFDNAME=a=b\n", fd)
	defer m.close()
	if m.lines["FDSTORE"] != "1" || m.lines["FDNAME"] != "a=b" || len(m.lines) != 2 || len(m.descriptors) != 1 {
		t.Errorf("taken is %+v", m)
	}
}

// opened is how many descriptors this process has; 0 where it does not show.
func opened(t *testing.T) int {
	t.Helper()
	entries, _ := os.ReadDir("/proc/self/fd")
	return len(entries)
}

func TestDescriptorsOfAMessageAreClosedUnlessTheyAreToBeKept(t *testing.T) {
	s := &supervisor{}
	defer s.store.close()
	fd := descriptor(t, listener(t))
	s.heed(message{lines: map[string]string{"READY": "1"}, descriptors: []int{fd}})
	if isOpen(fd) || !s.served {
		t.Errorf("it is open: %v", isOpen(fd))
	}
	fd = descriptor(t, listener(t))
	s.heed(message{lines: map[string]string{"FDSTORE": "1", "FDNAME": "x"}, descriptors: []int{fd}})
	if !isOpen(fd) || s.store.names() != "x" {
		t.Errorf("kept is %q", s.store.names())
	}
	s.heed(message{lines: map[string]string{"STOPPING": "1"}})
	if isOpen(fd) {
		t.Error("it is kept although nobody is to come any more")
	}
}

func TestTheEnvironmentIsTheSupervisors(t *testing.T) {
	got := without([]string{"PATH=/bin", "NOTIFY_SOCKET=/s", "LISTEN_FDS=1", "LISTEN_PID=2", "LISTENER=x", lifeline + "=9"}, supervisors)
	if strings.Join(got, " ") != "PATH=/bin LISTENER=x" {
		t.Errorf("it is %q", got)
	}
}
