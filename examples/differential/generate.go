package main

import (
	"fmt"
	"math/rand/v2"
	"strconv"

	"github.com/sandsock/sandsock/examples/differential/script"
)

// generate makes the sequence of a seed: the same for the same seed.
//
// A sequence is valid: each line is a call that the party could make, right
// or wrong. It has no race: a model of the connections and the datagrams
// under way says what is to come, and the sequence waits for it before
// anybody looks. The model knows nothing of outcomes; the oracle does.
func generate(seed uint64) script.Case {
	m := &maker{rng: rand.New(rand.NewPCG(seed, 0)), family: "inet", host: "127.0.0.1"}
	if m.chance(4) {
		m.family, m.host = "inet6", "[::1]"
	}
	m.begin()
	for range 8 + m.rng.IntN(25) {
		for !m.step() {
		}
	}
	return script.Case{Title: fmt.Sprintf("seed %d", seed), Lines: m.lines}
}

// begin makes the parties that sequences are about: two that are connected,
// two with an address for datagrams, or a crowd before a listener.
func (m *maker) begin() {
	kind := m.rng.IntN(5)
	a, b := m.add(kind != 0), m.add(kind != 0)
	m.bind(a)
	switch kind {
	case 0:
		m.bind(b)
	case 1:
		m.listen(a)
		m.connect(b)
		m.connect(m.add(true))
	default:
		m.listen(a)
		m.connect(b)
		m.accept(a)
	}
}

// maker makes one sequence.
type maker struct {
	rng          *rand.Rand
	family, host string
	lines        []string
	parties      []*party
}

// party is what the model knows of a socket.
type party struct {
	name   string
	stream bool
	closed bool
	mode   string // as settimeout takes it
	bound  bool   // it has a port

	// Of a stream.
	listening bool
	backlog   int
	arrivals  []*end // connections to accept
	end       *end   // of its connection; nil where it has none
	abrupt    bool   // as the end's, which has it from here
	odd       bool   // it was shut down before it had a connection, which Linux remembers

	// Of a datagram socket.
	peer    *party
	queued  int  // datagrams that have come
	refused bool // an ICMP message has come and was not told
	muted   bool // it has shut down its sending
}

const (
	blockingMode    = "None"
	nonBlockingMode = "0"
	timeoutMode     = "0.02"
)

// action makes lines, and is false where the party cannot do it.
type action struct {
	weight int
	do     func(m *maker, p *party) bool
}

var actions = []action{
	{4, func(m *maker, _ *party) bool { return m.newParty() }},
	{4, (*maker).bind}, {4, (*maker).listen}, {8, (*maker).connect}, {8, (*maker).accept},
	{10, (*maker).send}, {10, (*maker).receive}, {3, (*maker).shutdown}, {3, (*maker).close},
	{6, (*maker).sendTo}, {5, (*maker).connectDatagram}, {8, (*maker).receiveDatagram},
	{4, (*maker).setMode}, {3, (*maker).ask}, {2, (*maker).option}, {2, (*maker).poll},
}

var totalWeight = func() (sum int) {
	for _, a := range actions {
		sum += a.weight
	}
	return sum
}()

// step tries one action of one party.
func (m *maker) step() bool {
	n := m.rng.IntN(totalWeight)
	for _, a := range actions {
		if n -= a.weight; n < 0 {
			return a.do(m, pick(m, m.parties))
		}
	}
	return false
}

func (m *maker) chance(of int) bool { return m.rng.IntN(of) == 0 }

func pick[T any](m *maker, list []T) T { return list[m.rng.IntN(len(list))] }

func (m *maker) say(format string, arguments ...any) {
	m.lines = append(m.lines, fmt.Sprintf(format, arguments...))
}

// other returns a party that fits, nil where there is none.
func (m *maker) other(than *party, fits func(*party) bool) *party {
	var list []*party
	for _, p := range m.parties {
		if p != than && fits(p) {
			list = append(list, p)
		}
	}
	if list == nil {
		return nil
	}
	return pick(m, list)
}

const maxParties = 8

func (m *maker) newParty() bool {
	if len(m.parties) == maxParties {
		return false
	}
	m.add(!m.chance(3))
	return true
}

func (m *maker) add(stream bool) *party {
	p := &party{name: m.nextName(), stream: stream, mode: blockingMode}
	kind := "dgram"
	if stream {
		kind = "stream"
	}
	m.parties = append(m.parties, p)
	m.say("%s = socket %s %s", p.name, m.family, kind)
	return p
}

func (m *maker) nextName() string { return string(rune('a' + len(m.parties))) }

func (m *maker) bind(p *party) bool {
	taken := m.other(p, func(o *party) bool {
		return o.bound && !o.closed && o.stream == p.stream && !(o.end != nil && o.end.over())
	})
	switch {
	case taken != nil && m.chance(4):
		m.say("%s.bind %s", p.name, taken.name)
	case m.chance(4):
		m.say("%s.bind :0", p.name)
		p.bound = !p.closed
	default:
		m.say("%s.bind %s:0", p.name, m.host)
		p.bound = !p.closed
	}
	return true
}

func (m *maker) setMode(p *party) bool {
	if m.chance(3) {
		on := m.chance(2)
		p.mode = map[bool]string{true: blockingMode, false: nonBlockingMode}[on]
		m.say("%s.setblocking %s", p.name, map[bool]string{true: "True", false: "False"}[on])
		return true
	}
	p.mode = pick(m, []string{blockingMode, nonBlockingMode, timeoutMode})
	m.say("%s.settimeout %s", p.name, p.mode)
	return true
}

// mayWait says whether a call that finds nothing is made all the same. It
// costs the probe's time on a socket that blocks.
func (m *maker) mayWait(p *party) bool {
	switch p.mode {
	case blockingMode:
		return m.chance(12)
	case timeoutMode:
		return m.chance(3)
	}
	return true
}

var questions = []string{"getsockname", "getpeername", "getsockname", "getpeername", "gettimeout", "getblocking", "fileno"}

func (m *maker) ask(p *party) bool {
	m.say("%s.%s", p.name, pick(m, questions))
	return true
}

// switches are options that are on or off and change nothing the model knows.
var switches = []string{"SO_KEEPALIVE", "SO_BROADCAST", "SO_REUSEPORT", "SO_REUSEADDR"}

func (m *maker) option(p *party) bool {
	switch m.rng.IntN(5) {
	case 0:
		m.say("%s.getsockopt SO_ERROR", p.name)
		p.refused = false
	case 1:
		m.say("%s.getsockopt %s", p.name, pick(m, []string{"SO_TYPE", "SO_ACCEPTCONN", "SO_DOMAIN", "SO_PROTOCOL"}))
	case 2:
		m.say("%s.setsockopt %s %d", p.name, pick(m, switches[:2]), m.rng.IntN(3))
	case 3:
		m.linger(p)
	default:
		m.say("%s.getsockopt %s", p.name, pick(m, append(switches, "SO_LINGER")))
	}
	return true
}

func (m *maker) poll(*party) bool {
	line := "poll"
	for _, p := range m.parties {
		if !p.closed && m.chance(2) {
			line += " " + p.name + ":" + pick(m, []string{"in", "out", "in|out", "in|out|rdhup"})
		}
	}
	m.lines = append(m.lines, line+" 0")
	return true
}

// linger lets closing reset the connection, or takes that back.
func (m *maker) linger(p *party) {
	p.abrupt = m.chance(2)
	on := 0
	if p.abrupt {
		on = 1
	}
	m.say("%s.setsockopt SO_LINGER %d 0", p.name, on)
	if p.end != nil {
		p.end.abrupt = p.abrupt
	}
}

var sizes = []int{0, 1, 3, 100, 1400}

// message is bytes that differ from one another, so that order shows.
func (m *maker) message() (text string, size int) {
	size = pick(m, sizes)
	if size < 10 {
		return "'" + "xyz"[:size] + "'", size
	}
	return "'0123456789'*" + strconv.Itoa(size/10), size
}
