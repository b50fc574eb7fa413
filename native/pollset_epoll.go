//go:build linux && !dupset

package native

import (
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// pollSet waits for several descriptors by an epoll descriptor of its own,
// which is itself registered with Go's poller: epoll(7) descriptors may be
// nested, and one is readable when something in it is ready.
type pollSet struct {
	file  *os.File
	raw   syscall.RawConn
	woken atomic.Bool
	ready func(fd uintptr) bool
	event [1]unix.EpollEvent
}

func openPollSet(c *pollCall) (*pollSet, error) {
	fd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := c.fillEpoll(fd); err != nil {
		_ = unix.Close(fd)
		return nil, err
	}
	set := &pollSet{file: os.NewFile(uintptr(fd), "epoll")}
	set.ready = set.isReady
	if set.file.SetDeadline(time.Time{}) != nil { // Go's poller did not take it
		set.close()
		return nil, unix.ENOBUFS
	}
	set.raw, err = set.file.SyscallConn()
	return set, err
}

// fillEpoll adds the call's sockets. The set is not yet registered with Go's
// poller then: to one that is, each addition takes a lock of the whole system
// (fs/eventpoll.c, epnested_mutex).
func (c *pollCall) fillEpoll(epoll int) (err error) {
	c.hold(0, func() {
		for member, events := range c.wants() {
			if err == nil {
				err = addToEpoll(epoll, member, events)
			}
		}
	})
	if err != nil {
		return err
	}
	return unix.SetNonblock(epoll, true) // os.NewFile goes by it
}

// addToEpoll uses that the events of epoll have the numbers of poll's.
func addToEpoll(epoll int, member int32, events int16) error {
	event := unix.EpollEvent{Events: uint32(events), Fd: member}
	return unix.EpollCtl(epoll, unix.EPOLL_CTL_ADD, int(member), &event)
}

// wait returns when something may be ready, at the deadline, or once woken,
// and then at once every time.
func (set *pollSet) wait(deadline time.Time) {
	_ = set.file.SetReadDeadline(deadline)
	if set.woken.Load() { // after the deadline, as wake has them the other way
		return
	}
	_ = set.raw.Read(set.ready)
}

func (set *pollSet) isReady(fd uintptr) bool {
	n, err := unix.EpollWait(int(fd), set.event[:], 0)
	return n > 0 || err != nil
}

// wake ends the wait and all to come. Any goroutine may call it.
func (set *pollSet) wake() {
	set.woken.Store(true)
	_ = set.file.SetReadDeadline(past)
}

func (set *pollSet) close() { _ = set.file.Close() }
