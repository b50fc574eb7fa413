package wasmhost

import (
	"sync"
	"sync/atomic"

	"github.com/sandsock/sandsock/core"
)

// descriptor is what one number of a guest's table stands for: a stream of
// the guest's own or a socket. The zero value is a free number.
type descriptor struct {
	stream  stream
	socket  core.Socket
	peers   *peers // of a datagram socket: who has written to it
	lent    *loan  // of a route's own socket
	bound   bool   // by a bind that was granted
	lingers bool   // its close would wait: see release
}

// loan is a route's datagram socket in a guest's table: it stays the route's,
// so closing the number does not close it, and what would change it for the
// guests to come is EPERM.
type loan struct {
	taken    bool        // a datagram was received, and is no longer in the queue
	recalled atomic.Bool // the next datagram is for another guest
}

// own returns EPERM for a socket that is only lent.
func (d *descriptor) own() error {
	if d.lent != nil {
		return core.EPERM
	}
	return nil
}

func (d *descriptor) datagram() bool { return d.peers != nil }

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
	limit    int // how many may be; negative: any number
	canceled bool
}

func (t *table) init(limit int) {
	t.limit = limit
	t.entries = make([]descriptor, 0, 4) // most have one connection and no more
	t.entries = append(t.entries, descriptor{stream: stdin}, descriptor{stream: stdout}, descriptor{stream: stderr})
}

// get returns the descriptor of a guest's number; nil where it is not open.
func (t *table) get(fd int32) *descriptor {
	if fd < 0 || int(fd) >= len(t.entries) || t.entries[fd].free() {
		return nil
	}
	return &t.entries[fd]
}

// ownSocket is socket for a call that changes the socket.
func (t *table) ownSocket(fd int32) (*descriptor, error) {
	d, err := t.socket(fd)
	if err == nil {
		err = d.own()
	}
	return d, err
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
func (t *table) full() bool { return t.limit >= 0 && t.sockets >= t.limit }

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

// release gives the socket back. SO_LINGER with a time would make the kernel
// hold the closing thread for as long, a thread of the host's for each
// connection: that wait is not for a guest to ask, so the kernel sends what is
// left on its own, as it does by default.
func (d descriptor) release() error {
	if d.socket == nil || d.lent != nil {
		return nil
	}
	if d.lingers {
		d.socket.SetSockOpt(core.SOL_SOCKET, core.SO_LINGER, make([]byte, 8))
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
