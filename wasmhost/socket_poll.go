package wasmhost

import (
	"math"
	"time"

	"github.com/sandsock/sandsock/core"
)

const pollEntry = 8 // fd i32, events i16, revents i16

// poll waits for sockets as poll(2) does. The standard streams are always
// ready, and a number that is not open is POLLNVAL.
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
	fds, settled := g.pollList(list)
	if settled {
		timeout = 0
	}
	if _, err := g.host.config.Network.Poll(g, fds, timeout); err != nil {
		return 0, err
	}
	return storeRevents(list, fds), nil
}

// pollTimeout is settimeout's but for what has no end: too long is for ever.
func pollTimeout(seconds float64) (time.Duration, error) {
	if math.IsInf(seconds, 1) || seconds > maxPoll {
		return core.Blocking, nil
	}
	return core.TimeoutFromSeconds(seconds)
}

const maxPoll = 9e9 // seconds, 285 years

// pollList turns a guest's entries into the network's, and reports whether
// one of them is settled without asking.
func (g *instance) pollList(list []byte) (fds []core.PollFd, settled bool) {
	fds = make([]core.PollFd, len(list)/pollEntry)
	for i := range fds {
		entry := list[i*pollEntry:]
		fd := int32(little.Uint32(entry))
		fds[i].Events = int16(little.Uint16(entry[4:]))
		if d := g.table.get(fd); d != nil && d.socket != nil {
			fds[i].Socket = d.socket
		} else if fd >= 0 {
			fds[i].Revents = streamEvents(d, fds[i].Events)
			settled = settled || fds[i].Revents != 0
		}
	}
	return fds, settled
}

func streamEvents(d *descriptor, events int16) int16 {
	switch {
	case d == nil:
		return core.POLLNVAL
	case d.stream == stdin:
		return events & core.POLLIN
	}
	return events & core.POLLOUT
}

func storeRevents(list []byte, fds []core.PollFd) (ready int32) {
	for i := range fds {
		little.PutUint16(list[i*pollEntry+6:], uint16(fds[i].Revents))
		if fds[i].Revents != 0 {
			ready++
		}
	}
	return ready
}
