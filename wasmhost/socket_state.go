package wasmhost

import (
	"bytes"
	"net/netip"

	"github.com/sandsock/sandsock/core"
)

// The calls that ask for and set what a socket is.

func setTimeout(g *instance, a args) (int32, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return 0, err
	}
	timeout, err := core.TimeoutFromSeconds(a.f64(1))
	if err != nil {
		return 0, err
	}
	return 0, d.socket.SetTimeout(timeout)
}

func setBlocking(g *instance, a args) (int32, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return 0, err
	}
	return 0, d.socket.SetBlocking(a.i32(1) != 0)
}

func getPeerName(g *instance, a args) (int32, error) {
	return g.name(a, core.Socket.GetPeerName)
}

func getSockName(g *instance, a args) (int32, error) {
	return g.name(a, core.Socket.GetSockName)
}

func (g *instance) name(a args, name func(core.Socket) (netip.AddrPort, error)) (int32, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return 0, err
	}
	buf, err := g.result(a.u32(1), a.u32(2))
	if err != nil {
		return 0, err
	}
	address, err := name(d.socket)
	if err != nil {
		return 0, err
	}
	return int32(storeAddress(buf, address)), nil
}

func getSockOpt(g *instance, a args) (int32, error) {
	d, err := g.table.socket(a.i32(0))
	if err != nil {
		return 0, err
	}
	buf, err := g.result(a.u32(3), a.u32(4))
	if err != nil {
		return 0, err
	}
	n, err := d.socket.GetSockOpt(int(a.i32(1)), int(a.i32(2)), buf)
	return int32(n), err
}

// maxOption bounds an option's value: the longest, TCP_INFO, has a few
// hundred bytes.
const maxOption = 4096

func setSockOpt(g *instance, a args) (int32, error) {
	d, err := g.table.ownSocket(a.i32(0))
	if err != nil {
		return 0, err
	}
	value, err := g.bytes(a.u32(3), a.u32(4))
	if err != nil {
		return 0, err
	}
	if len(value) > maxOption {
		return 0, core.EINVAL
	}
	value = bytes.Clone(value) // what is checked is what is set
	level, option := int(a.i32(1)), int(a.i32(2))
	if err := g.allowOption(d, level, option, value); err != nil {
		return 0, err
	}
	if err := d.socket.SetSockOpt(level, option, value); err != nil {
		return 0, err
	}
	if level == core.SOL_SOCKET && option == core.SO_LINGER {
		d.lingers = little.Uint32(value) != 0 && little.Uint32(value[4:]) != 0
	}
	return 0, nil
}

func strerror(g *instance, a args) (int32, error) {
	buf, err := g.result(a.u32(1), a.u32(2))
	if err != nil {
		return 0, err
	}
	text := core.Errno(a.i32(0)).Strerror()
	copy(buf, text)
	return int32(len(text)), nil
}
