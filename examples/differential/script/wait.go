package script

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/sandsock/sandsock/core"
)

// patience bounds an await. On the loopback what is to come comes within a
// millisecond, or some forty where Nagle's algorithm holds it back.
const patience = 2 * time.Second

// poll is poll PARTY:EVENTS... SECONDS.
func (m *Machine) poll(line statement) (string, error) {
	last := len(line.args) - 1
	if last < 0 {
		return "", malformed("poll takes a time")
	}
	timeout, err := seconds(line.args[last])
	if err != nil {
		return "", err
	}
	list := make([]core.PollFd, last)
	for i, text := range line.args[:last] {
		name, words, _ := strings.Cut(text, ":")
		if list[i].Socket = m.parties[name]; list[i].Socket == nil {
			return "", missing("no " + name)
		}
		if list[i].Events, err = eventsOf(words); err != nil {
			return "", err
		}
	}
	if _, err = m.network.Poll(context.Background(), list, timeout); err != nil {
		return "", err
	}
	return shownPoll(line.args, list), nil
}

func shownPoll(args []string, list []core.PollFd) string {
	var shown []string
	for i, entry := range list {
		name, _, _ := strings.Cut(args[i], ":")
		if entry.Revents != 0 {
			shown = append(shown, name+":"+shownEvents(entry.Revents))
		}
	}
	if shown == nil {
		return "nothing"
	}
	return strings.Join(shown, " ")
}

var awaited = map[string]int16{
	"in":    core.POLLIN,
	"out":   core.POLLOUT,
	"end":   core.POLLRDHUP,
	"error": 0,
}

// await waits until an event is there, or so many bytes are.
func await(m *Machine, s core.Socket, line statement) (string, error) {
	if size, err := strconv.Atoi(line.arg(0)); err == nil {
		return m.awaitBytes(s, size)
	}
	event, known := awaited[line.arg(0)]
	if !known {
		return "", malformed("no such event: " + line.arg(0))
	}
	list := []core.PollFd{{Socket: s, Events: event}}
	n, err := m.network.Poll(context.Background(), list, patience)
	return readiness(n > 0), err
}

func readiness(ready bool) string {
	if ready {
		return "ready"
	}
	return "not ready"
}

// awaitBytes looks at what has arrived until there is enough.
func (m *Machine) awaitBytes(s core.Socket, size int) (string, error) {
	p, deadline := make([]byte, size), time.Now().Add(patience)
	for time.Now().Before(deadline) {
		n, err := s.Recv(p, core.MSG_PEEK|core.MSG_DONTWAIT)
		if err == nil && n == size {
			return readiness(true), nil
		}
		if err != nil && err != error(core.EAGAIN) && err != error(core.ErrTimeout) {
			return "", err
		}
		if _, err := m.network.Poll(context.Background(), nil, time.Millisecond); err != nil {
			return "", err
		}
	}
	return readiness(false), nil
}

func (m *Machine) getAddrInfo(line statement) (string, error) {
	family, err := familyOf(line.arg(1))
	if err != nil {
		return "", err
	}
	found, err := m.network.GetAddrInfo(context.Background(), strings.Trim(line.arg(0), "'"), family)
	if err != nil {
		return "", err
	}
	var words []string
	for _, ip := range found {
		words = append(words, ip.String())
	}
	return strings.Join(words, " "), nil
}
