//go:build linux || darwin || freebsd

package native

import (
	"sync"
	"time"
)

// waitMany waits in a pollSet, which tells that something has happened; what
// it is, poll(2) then says. Each way to wake the set leaves something to be
// seen here: another era, a closed socket, an ended context.
func (c *pollCall) waitMany(deadline time.Time) (int, error) {
	set, err := openPollSet(c)
	if err != nil {
		return 0, coreError(err)
	}
	defer set.close()
	c.join(set)
	defer c.part(set)
	defer interruptOn(c.ctx, set.wake)()
	for {
		n, err := c.look()
		if n > 0 || err != nil {
			return n, err
		}
		if !deadline.IsZero() && !time.Now().Before(deadline) {
			return 0, nil
		}
		set.wait(deadline)
	}
}

func (c *pollCall) join(set *pollSet) {
	for _, s := range c.sockets {
		if s != nil {
			s.polls.add(set)
		}
	}
}

func (c *pollCall) part(set *pollSet) {
	for _, s := range c.sockets {
		if s != nil {
			s.polls.remove(set)
		}
	}
}

// polls is the sets that wait for a socket, to be woken when it is closed or
// canceled, which the descriptor itself does not tell.
type polls struct {
	mu   sync.Mutex
	sets map[*pollSet]struct{}
}

func (p *polls) add(set *pollSet) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.sets == nil {
		p.sets = make(map[*pollSet]struct{})
	}
	p.sets[set] = struct{}{}
}

func (p *polls) remove(set *pollSet) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.sets, set)
}

func (p *polls) wake() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for set := range p.sets {
		set.wake()
	}
}

// wants is the events of the same descriptor wherever it is in the list.
func (c *pollCall) wants() map[int32]int16 {
	events := make(map[int32]int16, len(c.fds))
	for _, fd := range c.fds {
		if fd.Fd >= 0 {
			events[fd.Fd] |= fd.Events
		}
	}
	return events
}
