package wasmhost

import "github.com/sandsock/sandsock/core"

// WASI's own socket calls: the same sockets and errors under other names.

const (
	riflagPeek    = 1
	riflagWaitall = 2
)

func (g *instance) wasiSocket(fd int32) (*descriptor, error) {
	if g.initializing {
		return nil, core.EPERM
	}
	return g.table.socket(fd)
}

func sockAccept(g *instance, a args) error {
	d, err := g.wasiSocket(a.i32(0))
	if err != nil {
		return err
	}
	flags := a.u32(1)
	result, err := g.bytes(a.u32(2), 4)
	switch {
	case err != nil:
		return err
	case flags&^flagNonblock != 0:
		return core.EINVAL
	case g.table.full():
		return core.EMFILE
	}
	conn, err := g.wasiAccept(d.socket)
	if err != nil {
		return err
	}
	little.PutUint32(result, uint32(g.table.add(d.accepted(conn))))
	if flags == flagNonblock {
		return conn.SetTimeout(core.NonBlocking)
	}
	return nil
}

func sockRecv(g *instance, a args) error {
	d, err := g.wasiSocket(a.i32(0))
	if err != nil {
		return err
	}
	flags, err := receiveFlags(a.u32(3))
	if err != nil {
		return err
	}
	roflags, err := g.bytes(a.u32(5), 2)
	if err != nil {
		return err
	}
	if err := g.scatter(d, a.u32(1), a.u32(2), a.u32(4), flags); err != nil {
		return err
	}
	clear(roflags) // whether a datagram was cut, the socket calls do not tell
	return nil
}

func receiveFlags(ri uint32) (flags int, err error) {
	if ri&^(riflagPeek|riflagWaitall) != 0 {
		return 0, core.EINVAL
	}
	if ri&riflagPeek != 0 {
		flags |= core.MSG_PEEK
	}
	if ri&riflagWaitall != 0 {
		flags |= core.MSG_WAITALL
	}
	return flags, nil
}

func sockSend(g *instance, a args) error {
	d, err := g.wasiSocket(a.i32(0))
	if err != nil {
		return err
	}
	if a.u32(3) != 0 {
		return core.EINVAL
	}
	return g.gather(d, a.u32(1), a.u32(2), a.u32(4))
}

// sockShutdown takes a set of directions: 1 reading, 2 writing.
func sockShutdown(g *instance, a args) error {
	d, err := g.wasiSocket(a.i32(0))
	if err == nil {
		err = d.own()
	}
	if err != nil {
		return err
	}
	switch a.u32(1) {
	case 1:
		return d.socket.Shutdown(core.SHUT_RD)
	case 2:
		return d.socket.Shutdown(core.SHUT_WR)
	case 3:
		return d.socket.Shutdown(core.SHUT_RDWR)
	}
	return core.EINVAL
}
