package wasmhost

import "github.com/sandsock/sandsock/core"

// WASI's calls on descriptors.

func fdClose(g *instance, a args) error { return g.table.close(a.i32(0)) }

func fdRenumber(g *instance, a args) error { return g.table.move(a.i32(0), a.i32(1)) }

func fdRead(g *instance, a args) error {
	d := g.table.get(a.i32(0))
	if d == nil {
		return core.EBADF
	}
	return g.scatter(d, a.u32(1), a.u32(2), a.u32(3), 0)
}

func (g *instance) readDescriptor(d *descriptor, p []byte, flags int) (int, error) {
	switch {
	case d.socket != nil && g.initializing:
		return 0, core.EPERM
	case d.socket != nil:
		more, restore := g.hurry(d.socket)
		defer restore()
		return g.receive(d, p, flags|more)
	case d.stream == stdin:
		return g.readInput(p)
	}
	return 0, core.EBADF
}

func (g *instance) readInput(p []byte) (n int, err error) {
	if g.seeded != nil {
		n, err = g.wholeInput(p)
	} else {
		n, err = g.input.read(p, g.done)
	}
	g.pay(n)
	return n, err
}

func fdWrite(g *instance, a args) error {
	d := g.table.get(a.i32(0))
	if d == nil {
		return core.EBADF
	}
	return g.gather(d, a.u32(1), a.u32(2), a.u32(3))
}

func (g *instance) writeDescriptor(d *descriptor, p []byte) (int, error) {
	switch {
	case d.socket != nil && g.initializing:
		return 0, core.EPERM
	case d.socket != nil:
		flags, restore := g.hurry(d.socket)
		defer restore()
		return g.transmit(d, p, flags)
	case d.stream == stdin:
		return 0, core.EBADF
	}
	p = p[:min(len(p), maxJoined)]
	g.pay(len(p))
	if d.stream == stdout {
		return g.stdout.write(p, g.done)
	}
	return g.stderr.write(p, g.done)
}

// WASI's file types and flags.
const (
	charDevice   = 2
	socketDgram  = 5
	socketStream = 6

	flagNonblock = 4

	rightsStream = 1<<1 | 1<<3 | 1<<6 | 1<<21 | 1<<27 // read, set flags, write, filestat, poll
	rightsSocket = rightsStream | 1<<28 | 1<<29       // shutdown, accept
	fdstatSize   = 24
	filestatSize = 64
)

func fileType(d *descriptor) byte {
	switch {
	case d.socket == nil:
		return charDevice
	case d.datagram():
		return socketDgram
	}
	return socketStream
}

func fdFdstatGet(g *instance, a args) error {
	d := g.table.get(a.i32(0))
	if d == nil {
		return core.EBADF
	}
	stat, err := g.bytes(a.u32(1), fdstatSize)
	if err != nil {
		return err
	}
	clear(stat)
	stat[0] = fileType(d)
	rights := uint64(rightsStream)
	if d.socket != nil {
		rights = rightsSocket
		if g.nonblocking(d.socket) {
			stat[2] = flagNonblock
		}
	}
	little.PutUint64(stat[8:], rights)
	return nil
}

// fdFdstatSetFlags knows NONBLOCK alone, which is setblocking; a socket with
// a timeout keeps it where the flag is not set, as O_NONBLOCK and a timeout
// are two things to WASI.
func fdFdstatSetFlags(g *instance, a args) error {
	d, flags := g.table.get(a.i32(0)), a.u32(1)
	switch {
	case d == nil:
		return core.EBADF
	case flags&^flagNonblock != 0:
		return core.ENOTSUP
	case d.socket == nil:
		return nil
	case flags == flagNonblock:
		return d.socket.SetTimeout(core.NonBlocking)
	}
	if timeout, err := d.socket.GetTimeout(); err != nil || timeout != core.NonBlocking {
		return err
	}
	return d.socket.SetTimeout(core.Blocking)
}

func fdFilestatGet(g *instance, a args) error {
	d := g.table.get(a.i32(0))
	if d == nil {
		return core.EBADF
	}
	stat, err := g.bytes(a.u32(1), filestatSize)
	if err != nil {
		return err
	}
	clear(stat)
	stat[16] = fileType(d)
	stat[24] = 1 // links
	return nil
}
