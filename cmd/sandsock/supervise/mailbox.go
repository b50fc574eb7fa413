//go:build unix

package supervise

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// mailbox is the socket to which one process sends its messages: in a folder
// that only the user can enter, under a name that only the process is told.
type mailbox struct {
	path   string
	socket *net.UnixConn
	raw    syscall.RawConn
	over   atomic.Bool // no message comes any more
}

// longestPath is the least room that systems have for the path of a socket.
const longestPath = 100

func openMailbox() (m *mailbox, err error) {
	dir, err := os.MkdirTemp("", "sandsock-*")
	if err == nil && len(dir) > longestPath-len("/notify") {
		_ = os.Remove(dir)
		dir, err = os.MkdirTemp("/tmp", "sandsock-*")
	}
	if err != nil {
		return nil, err
	}
	m = &mailbox{path: filepath.Join(dir, "notify")}
	if m.socket, err = net.ListenUnixgram("unixgram", &net.UnixAddr{Name: m.path, Net: "unixgram"}); err == nil {
		m.raw, err = m.socket.SyscallConn()
	}
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return m, nil
}

func (m *mailbox) close() error {
	return errors.Join(m.socket.Close(), os.RemoveAll(filepath.Dir(m.path)))
}

// end has next return what has come, and then its error for a time that is over.
func (m *mailbox) end() {
	m.over.Store(true)
	_ = m.socket.SetReadDeadline(past)
}

var past = time.Unix(1, 0)

// next waits for a message; zero is for ever. What has come is had before it is
// too late: the supervisor may have been stopped for long itself.
func (m *mailbox) next(until time.Time) (got message, err error) {
	_ = m.socket.SetReadDeadline(until)
	if m.over.Load() {
		_ = m.socket.SetReadDeadline(past)
	}
	var failed error
	again := func(fd uintptr) bool {
		got, failed = receive(int(fd))
		return failed != unix.EAGAIN
	}
	err = m.raw.Read(again)
	if late := err; errors.Is(late, os.ErrDeadlineExceeded) {
		err = m.raw.Control(func(fd uintptr) { again(fd) })
		if failed == unix.EAGAIN {
			return got, late
		}
	}
	if err == nil {
		err = failed
	}
	return got, err
}

// message is what a process says.
type message struct {
	lines       map[string]string // the assignments
	descriptors []int             // to be kept or closed
}

func (m message) close() {
	for _, descriptor := range m.descriptors {
		_ = unix.Close(descriptor)
	}
}

const (
	mostText        = 4096 // bytes of a message, as with systemd
	mostDescriptors = 16   // that come with one
)

// receive takes one message, of which nothing is left where it is too long. It
// must not run beside fork(2): what comes is not closed on exec at first, on
// systems other than Linux.
func receive(fd int) (m message, err error) {
	text, control := make([]byte, mostText), make([]byte, unix.CmsgSpace(4*mostDescriptors))
	n, controlled, flags, _, err := unix.Recvmsg(fd, text, control, 0)
	for err == unix.EINTR {
		n, controlled, flags, _, err = unix.Recvmsg(fd, text, control, 0)
	}
	if err != nil {
		return m, err
	}
	m.descriptors = descriptorsOf(control[:controlled])
	if flags&(unix.MSG_TRUNC|unix.MSG_CTRUNC) != 0 {
		m.close()
		return message{}, nil
	}
	m.lines = map[string]string{}
	for line := range strings.SplitSeq(string(text[:n]), "\n") {
		if name, value, ok := strings.Cut(line, "="); ok {
			m.lines[name] = value
		}
	}
	return m, nil
}

func descriptorsOf(control []byte) (all []int) {
	parts, _ := unix.ParseSocketControlMessage(control)
	for i := range parts {
		descriptors, _ := unix.ParseUnixRights(&parts[i])
		for _, descriptor := range descriptors {
			unix.CloseOnExec(descriptor)
		}
		all = append(all, descriptors...)
	}
	return all
}
