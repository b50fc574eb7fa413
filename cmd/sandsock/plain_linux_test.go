package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"
)

// The control of what is timed: a process that echoes, and does nothing else.
// What keeps it waiting as well as a host is the machine. [faults.Neighbour] has
// a control in its own process, which a host's clients share.

func init() {
	children["plain"] = func() {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			panic(err)
		}
		fmt.Println(l.Addr())
		go func() {
			for {
				if c, err := l.Accept(); err == nil {
					go func() {
						_, _ = io.Copy(c, c)
						_ = c.Close()
					}()
				}
			}
		}()
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
}

// plainProcess is the one of all tests.
type plainProcess struct {
	address string
	stdin   io.Closer // it ends when this closes: with the process of the tests
}

var startPlain = sync.OnceValues(func() (p plainProcess, err error) {
	cmd := exec.Command("/proc/self/exe")
	cmd.Env = append(os.Environ(), child+"=plain")
	if p.stdin, err = cmd.StdinPipe(); err != nil {
		return p, err
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return p, err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	p.address = strings.TrimSpace(line)
	return p, err
})

// plain is a connection to it.
type plain struct{ net.Conn }

func dialPlain(t testing.TB) plain {
	t.Helper()
	p, err := startPlain()
	check(t, err)
	c, err := net.DialTimeout("tcp", p.address, patience)
	check(t, err)
	t.Cleanup(func() { _ = c.Close() })
	return plain{c}
}

// beside does something and returns how long the plain process kept its client
// waiting meanwhile, at most. One at a time may call it.
func (p plain) beside(do func()) (waited time.Duration) {
	over, asked := make(chan struct{}), make(chan time.Duration)
	go func() { asked <- p.ask(over) }()
	do()
	close(over)
	return <-asked
}

// ask asks until it is over. An answer is waited for from when the pause before
// should have ended: the client, too, is kept waiting by the machine.
func (p plain) ask(over chan struct{}) (waited time.Duration) {
	const pause = 2 * time.Millisecond
	for due := time.Now(); ; {
		_ = p.SetDeadline(time.Now().Add(patience))
		if _, err := exchangeWith(p, "a"); err != nil {
			return 0 // what cannot be told is no excuse
		}
		now := time.Now()
		waited = max(waited, now.Sub(due))
		due = now.Add(pause)
		select {
		case <-over:
			return waited
		case <-time.After(pause):
		}
	}
}
