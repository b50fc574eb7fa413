package wasmhost

import (
	"sync"

	"github.com/sandsock/sandsock/core"
)

// descriptor is what one number of a guest's table stands for: a stream of
// the guest's own or a socket. The zero value is a free number.
type descriptor struct {
	stream   stream
	socket   core.Socket
	borrowed bool   // closing the number does not close the socket
	peers    *peers // of a datagram socket: who has written to it
}

type stream uint8

const (
	noStream stream = iota
	stdin
	stdout
	stderr
)

func (d *descriptor) free() bool { return d.stream == noStream && d.socket == nil }

// table is the one descriptor table of a guest, for the socket calls and WASI
// alike: numbers of the guest's own, lowest free first.
//
// The goroutine that owns the instance is the only one to change it, and
// reads it without the lock; mu is held for each change, and by cancel, which
// comes from another goroutine.
type table struct {
	mu       sync.Mutex
	entries  []descriptor
	sockets  int // how many of the entries are sockets
	limit    int // how many may be
	canceled bool
}

func (t *table) init(limit int) {
	t.limit = limit
	t.entries = append(t.entries, descriptor{stream: stdin}, descriptor{stream: stdout}, descriptor{stream: stderr})
}

// get returns the descriptor of a guest's number; nil where it is not open.
func (t *table) get(fd int32) *descriptor {
	if fd < 0 || int(fd) >= len(t.entries) || t.entries[fd].free() {
		return nil
	}
	return &t.entries[fd]
}

// socket returns the descriptor of a guest's number if it is a socket, else
// EBADF or ENOTSOCK.
func (t *table) socket(fd int32) (*descriptor, error) {
	d := t.get(fd)
	switch {
	case d == nil:
		return nil, core.EBADF
	case d.socket == nil:
		return nil, core.ENOTSOCK
	}
	return d, nil
}

// full reports whether there is no room for another socket.
func (t *table) full() bool { return t.sockets >= t.limit }

// add puts a socket at the lowest free number. The caller has asked full.
func (t *table) add(d descriptor) int32 {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.canceled {
		d.socket.SetCanceled(true)
	}
	t.sockets++
	for fd := range t.entries {
		if t.entries[fd].free() {
			t.entries[fd] = d
			return int32(fd)
		}
	}
	t.entries = append(t.entries, d)
	return int32(len(t.entries) - 1)
}

// close frees a number and gives its socket back.
func (t *table) close(fd int32) error {
	d := t.get(fd)
	if d == nil {
		return core.EBADF
	}
	return t.take(fd).release()
}

// move gives the descriptor of one number to another, whose own is closed:
// WASI's fd_renumber.
func (t *table) move(from, to int32) error {
	if t.get(from) == nil || t.get(to) == nil {
		return core.EBADF
	}
	if from == to {
		return nil
	}
	replaced, moved := t.take(to), t.take(from)
	t.mu.Lock()
	t.entries[to] = moved
	if moved.socket != nil {
		t.sockets++
	}
	t.mu.Unlock()
	return replaced.release()
}

func (t *table) take(fd int32) descriptor {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.entries[fd]
	t.entries[fd] = descriptor{}
	if d.socket != nil {
		t.sockets--
	}
	return d
}

func (d descriptor) release() error {
	if d.socket == nil || d.borrowed {
		return nil
	}
	return d.socket.Close()
}

// closeAll gives every socket back.
func (t *table) closeAll() {
	for fd := range t.entries {
		if t.entries[fd].socket != nil {
			t.take(int32(fd)).release()
		}
	}
}

// cancel ends every wait in the table's sockets, now and from now on. It may
// be called from any goroutine.
func (t *table) cancel() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.canceled = true
	for i := range t.entries {
		if s := t.entries[i].socket; s != nil {
			s.SetCanceled(true)
		}
	}
}
