//go:build darwin || freebsd || (linux && dupset)

package native

import (
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// pollSet waits for several descriptors by a duplicate of each, with a
// goroutine for each direction: a kqueue cannot be registered with Go's
// poller, and a duplicate has a deadline and a turn of its own. Linux can be
// built with it too, by the tag dupset, to test it.
type pollSet struct {
	files    []*os.File
	running  sync.WaitGroup
	changed  chan struct{} // a goroutine found its descriptor ready, and waits to be heard
	woken    chan struct{} // closed by wake
	ended    chan struct{} // closed by close
	wakeOnce sync.Once
}

func openPollSet(c *pollCall) (*pollSet, error) {
	set := &pollSet{
		changed: make(chan struct{}),
		woken:   make(chan struct{}),
		ended:   make(chan struct{}),
	}
	var err error
	c.hold(0, func() {
		for member, events := range c.wants() {
			if err == nil {
				err = set.add(int(member), events)
			}
		}
	})
	if err != nil {
		set.close()
		return nil, err
	}
	return set, nil
}

func (set *pollSet) add(member int, events int16) error {
	fd, err := unix.FcntlInt(uintptr(member), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		return err
	}
	file := os.NewFile(uintptr(fd), "poll")
	set.files = append(set.files, file)
	raw, err := file.SyscallConn()
	if err == nil {
		err = file.SetDeadline(time.Time{}) // whether Go's poller took it
	}
	if err != nil {
		return err
	}
	// The end and errors of a stream show in both directions.
	if events&unix.POLLOUT != 0 {
		set.watch(raw.Write, unix.POLLOUT)
	}
	if events&^unix.POLLOUT != 0 || events == 0 {
		set.watch(raw.Read, events&^unix.POLLOUT)
	}
	return nil
}

func (set *pollSet) watch(wait func(func(uintptr) bool) error, events int16) {
	ready := func(fd uintptr) bool { return pollNow(int(fd), events) != 0 }
	set.running.Go(func() {
		for wait(ready) == nil {
			select {
			case set.changed <- struct{}{}:
			case <-set.ended:
				return
			}
		}
	})
}

// wait returns when something may be ready, at the deadline, or once woken,
// and then at once every time.
func (set *pollSet) wait(deadline time.Time) {
	var over <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		over = timer.C
	}
	select {
	case <-set.changed:
	case <-set.woken:
	case <-over:
	}
}

// wake ends the wait and all to come. Any goroutine may call it.
func (set *pollSet) wake() { set.wakeOnce.Do(func() { close(set.woken) }) }

// close ends the goroutines and closes the duplicates.
func (set *pollSet) close() {
	close(set.ended)
	for _, file := range set.files {
		_ = file.Close()
	}
	set.running.Wait()
}
