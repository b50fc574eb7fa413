package script

import (
	"net/netip"
	"strconv"

	"github.com/sandsock/sandsock/core"
)

// Machine runs cases over a network. It is for one goroutine.
type Machine struct {
	network core.Network

	parties map[string]core.Socket
	open    []core.Socket // every socket of the case, to be closed at its end
	names   map[string]netip.AddrPort
	ports   map[endpoint]string
}

// endpoint is a port of one protocol.
type endpoint struct {
	typ  core.Type
	port uint16
}

// NewMachine returns a machine whose sockets are of this network.
func NewMachine(network core.Network) *Machine { return &Machine{network: network} }

// Run runs the lines of one case, closes its sockets, and returns the outcome
// of each line.
func (m *Machine) Run(lines []string) []string {
	m.parties = make(map[string]core.Socket)
	m.names = make(map[string]netip.AddrPort)
	m.ports = make(map[endpoint]string)
	defer m.closeAll()
	outcomes := make([]string, len(lines))
	for i, line := range lines {
		outcomes[i] = m.line(parseLine(line))
	}
	return outcomes
}

func (m *Machine) closeAll() {
	for _, s := range m.open {
		s.Close()
	}
	m.open = nil
}

func (m *Machine) line(s statement) string {
	outcome, err := m.do(s)
	m.learn(s.party)
	m.learn(s.target)
	if err != nil {
		return failed(err)
	}
	return outcome
}

func (m *Machine) do(s statement) (string, error) {
	switch {
	case s.party == "" && s.call == "socket":
		return m.socket(s)
	case s.party == "" && s.call == "poll":
		return m.poll(s)
	case s.party == "" && s.call == "getaddrinfo":
		return m.getAddrInfo(s)
	}
	call, known := calls[s.call]
	if !known || s.party == "" {
		return "", malformed("no such call: " + s.call)
	}
	party, exists := m.parties[s.party]
	if !exists {
		return "", missing("no " + s.party)
	}
	return call(m, party, s)
}

func (m *Machine) socket(s statement) (string, error) {
	family, err := familyOf(s.arg(0))
	if err != nil {
		return "", err
	}
	typ, err := typeOf(s.arg(1))
	if err != nil {
		return "", err
	}
	proto := 0
	if s.arg(2) != "" {
		if proto, err = number(s.arg(2)); err != nil {
			return "", err
		}
	}
	made, err := m.network.Socket(family, typ, proto)
	if err != nil {
		return "", err
	}
	m.add(s.target, made)
	return "socket", nil
}

func (m *Machine) add(name string, s core.Socket) {
	m.open = append(m.open, s)
	m.parties[name] = s
}

// learn notes the address a party has, and the port as its own where nobody
// had it before.
func (m *Machine) learn(name string) {
	party, exists := m.parties[name]
	if !exists {
		return
	}
	at, err := party.GetSockName()
	if err != nil || at.Port() == 0 {
		return
	}
	m.names[name] = at
	key := endpoint{party.Type(), at.Port()}
	if _, known := m.ports[key]; !known {
		m.ports[key] = name
	}
}

func accept(m *Machine, s core.Socket, line statement) (string, error) {
	conn, peer, err := s.Accept()
	if err != nil {
		return "", err
	}
	m.add(line.target, conn)
	return "socket, " + m.shownAddress(s.Type(), peer), nil
}

func fileno(_ *Machine, s core.Socket, _ statement) (string, error) {
	if n := s.Fileno(); n < 0 {
		return strconv.Itoa(n), nil
	}
	return "a number", nil
}
