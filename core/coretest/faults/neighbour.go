package faults

import (
	"errors"
	"fmt"
	"net"
	"os"
	"time"
)

const (
	// answers is how long a neighbour may take, from connect to reply.
	answers = slower * 250 * time.Millisecond
	// silence is how long it may say nothing before it counts as frozen.
	silence = slower * 2 * time.Second
)

// Neighbour is a healthy host beside one that is attacked, or the same host's
// other route, and the client that asks it all the while. One goroutine uses it
// at a time.
type Neighbour struct {
	Visit  func() error  // is a client, from connect to reply; see [Visit]
	Within time.Duration // is what it may take

	// Slowest is what it has taken at most, beside what the machine took.
	Slowest time.Duration
}

// turns is how often a host waits for a processor where a plain server, which
// is all in one goroutine, waits once: for whoever accepts, starts an instance,
// runs it, and writes.
const turns = 4

// Ask is a client once. What a plain server of this process takes at the same
// time is not the neighbour's fault: a machine that stands still for a moment
// does so for both, and one that is short of processors makes both wait.
func (n *Neighbour) Ask() error {
	p := feelPulse()
	began := time.Now()
	err := n.Visit()
	took := time.Since(began)
	machine := p.end()
	n.Slowest = max(n.Slowest, took-machine)
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded):
		return fmt.Errorf("the neighbour did not answer for %v", silence)
	case err != nil:
		return fmt.Errorf("the neighbour's client: %w", err)
	case took > n.Within+turns*machine:
		return fmt.Errorf("the neighbour took %v, a plain server %v at most", Short(took), Short(machine))
	}
	return nil
}

// Visit is a client of the server at an address, from connect to reply, which
// is to be one byte.
func Visit(address string, send, want byte) error {
	conn, err := net.DialTimeout("tcp", address, silence)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetLinger(0) // no port is left in TIME_WAIT
	_ = conn.SetDeadline(time.Now().Add(silence))
	if _, err := conn.Write([]byte{send}); err != nil {
		return err
	}
	reply := make([]byte, 1)
	if _, err := conn.Read(reply); err != nil {
		return err
	}
	if reply[0] != want {
		return fmt.Errorf("the reply to %q was %q", send, reply)
	}
	return nil
}

// Short leaves out the digits of a time that nobody reads.
func Short(d time.Duration) time.Duration {
	if d < 10*time.Millisecond {
		return d.Round(100 * time.Microsecond)
	}
	return d.Round(time.Millisecond)
}
