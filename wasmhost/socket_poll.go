package wasmhost

import (
	"math"
	"slices"
	"time"

	"github.com/sandsock/sandsock/core"
)

const pollEntry = 8 // fd i32, events i16, revents i16

// poll waits for descriptors as poll(2) does. Standard output and standard
// error are always ready, and a number that is not open is POLLNVAL.
func poll(g *instance, a args) (int32, error) {
	count := a.u32(1)
	if count > core.PollMax {
		return 0, core.EINVAL
	}
	list, err := g.region(a.u32(0), count, pollEntry)
	if err != nil {
		return 0, err
	}
	timeout, err := pollTimeout(a.f64(2))
	if err != nil {
		return 0, err
	}
	g.pay(len(list))
	fds, own, filled := g.pollList(list)
	if slices.ContainsFunc(own, func(revents int16) bool { return revents != 0 }) {
		timeout = 0
	}
	came, err := g.wait(fds, timeout, filled)
	if err != nil {
		return 0, err
	}
	if came {
		g.pollInput(list, own)
	}
	return storeRevents(list, fds, own), nil
}

// pollTimeout is settimeout's but for what has no end: too long is for ever.
func pollTimeout(seconds float64) (time.Duration, error) {
	if math.IsInf(seconds, 1) || seconds > maxPoll {
		return core.Blocking, nil
	}
	return core.TimeoutFromSeconds(seconds)
}

const maxPoll = 9e9 // seconds, 285 years

// pollList turns a guest's entries into the network's. What is no socket is
// answered here: own has those answers. Filled is the channel of the standard
// input, where that is waited for.
func (g *instance) pollList(list []byte) (fds []core.PollFd, own []int16, filled <-chan []byte) {
	fds, own = make([]core.PollFd, len(list)/pollEntry), make([]int16, len(list)/pollEntry)
	for i := range fds {
		fd, events := pollWants(list, i)
		switch d := g.table.get(fd); {
		case fd < 0:
		case d == nil:
			own[i] = core.POLLNVAL
		case d.socket != nil:
			fds[i] = core.PollFd{Socket: d.socket, Events: events}
		case d.stream != stdin:
			own[i] = events & core.POLLOUT
		case events&core.POLLIN != 0:
			if filled = g.input.ask(); filled == nil {
				own[i] = core.POLLIN // something is there, or the end
			}
		}
	}
	return fds, own, filled
}

func pollWants(list []byte, i int) (fd int32, events int16) {
	entry := list[i*pollEntry:]
	return int32(little.Uint32(entry)), int16(little.Uint16(entry[4:]))
}

// pollInput marks the entries that wait for the standard input.
func (g *instance) pollInput(list []byte, own []int16) {
	for i := range own {
		fd, events := pollWants(list, i)
		if d := g.table.get(fd); d != nil && d.stream == stdin {
			own[i] = events & core.POLLIN
		}
	}
}

func storeRevents(list []byte, fds []core.PollFd, own []int16) (ready int32) {
	for i := range fds {
		revents := fds[i].Revents | own[i]
		little.PutUint16(list[i*pollEntry+6:], uint16(revents))
		if revents != 0 {
			ready++
		}
	}
	return ready
}
