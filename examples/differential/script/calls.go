package script

import (
	"net/netip"
	"strconv"

	"github.com/sandsock/sandsock/core"
)

// call makes one call of a party and returns its outcome.
type call func(m *Machine, s core.Socket, line statement) (string, error)

var calls = map[string]call{
	"accept": accept, "fileno": fileno,
	"bind": bind, "listen": listen, "connect": connect, "connect_ex": connectEx,
	"recv": recv, "recvfrom": recvFrom, "drain": drain, "empty": empty,
	"send": send, "sendall": sendAll, "sendto": sendTo, "fill": fill,
	"shutdown": shutdown, "close": closeSocket,
	"settimeout": setTimeout, "gettimeout": getTimeout,
	"setblocking": setBlocking, "getblocking": getBlocking,
	"getpeername": nameBy(core.Socket.GetPeerName), "getsockname": nameBy(core.Socket.GetSockName),
	"setsockopt": setSockOpt, "getsockopt": getSockOpt,
	"await": await,
}

func bind(m *Machine, s core.Socket, line statement) (string, error) {
	at, err := m.address(s, line.arg(0))
	if err != nil {
		return "", err
	}
	return done(s.Bind(at))
}

// defaultBacklog is Python's listen() without a number.
const defaultBacklog = "128"

func listen(_ *Machine, s core.Socket, line statement) (string, error) {
	text := line.arg(0)
	if text == "" {
		text = defaultBacklog
	}
	backlog, err := number(text)
	if err != nil {
		return "", err
	}
	return done(s.Listen(backlog))
}

func connect(m *Machine, s core.Socket, line statement) (string, error) {
	at, err := m.address(s, line.arg(0))
	if err != nil {
		return "", err
	}
	return done(s.Connect(at))
}

func connectEx(m *Machine, s core.Socket, line statement) (string, error) {
	at, err := m.address(s, line.arg(0))
	if err != nil {
		return "", err
	}
	e := s.ConnectEx(at)
	if e == core.ECANCELED || e > 1000 && e < 2000 { // Python raises gaierror
		return "", e
	}
	if e == 0 {
		return "0", nil
	}
	return strconv.Itoa(e.Info().Linux), nil
}

func shutdown(_ *Machine, s core.Socket, line statement) (string, error) {
	how, err := number(line.arg(0))
	if err != nil {
		return "", err
	}
	return done(s.Shutdown(how))
}

func closeSocket(_ *Machine, s core.Socket, _ statement) (string, error) { return done(s.Close()) }

func setTimeout(_ *Machine, s core.Socket, line statement) (string, error) {
	d, err := seconds(line.arg(0))
	if err != nil {
		return "", err
	}
	return done(s.SetTimeout(d))
}

func getTimeout(_ *Machine, s core.Socket, _ statement) (string, error) {
	d, err := s.GetTimeout()
	return core.PyTimeout(d), err
}

func setBlocking(_ *Machine, s core.Socket, line statement) (string, error) {
	return done(s.SetBlocking(line.arg(0) == "True"))
}

func getBlocking(_ *Machine, s core.Socket, _ statement) (string, error) {
	d, err := s.GetTimeout()
	return yes(d != core.NonBlocking), err
}

func nameBy(name func(core.Socket) (netip.AddrPort, error)) call {
	return func(m *Machine, s core.Socket, _ statement) (string, error) {
		at, err := name(s)
		return m.shownAddress(s.Type(), at), err
	}
}
