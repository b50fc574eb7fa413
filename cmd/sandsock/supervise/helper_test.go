//go:build unix

package supervise

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// supervised is a supervisor in the test's own process.
type supervised struct {
	t          *testing.T
	address    string
	drain, cut chan struct{}
	hangups    chan os.Signal
	ended      chan int

	mu     sync.Mutex
	starts int
	said   []string
}

func start(t *testing.T, silence time.Duration) *supervised {
	t.Helper()
	s := &supervised{
		t: t, address: freeAddress(t), drain: make(chan struct{}), cut: make(chan struct{}),
		hangups: make(chan os.Signal, 1), ended: make(chan int, 1),
	}
	t.Setenv(address, s.address)
	config := Config{
		Command: func() *exec.Cmd {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.starts++
			return hostCommand()
		},
		Silence: silence, Drain: s.drain, Cut: s.cut, Hangups: s.hangups,
		Say: func(text string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.said = append(s.said, text)
		},
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		code, err := Run(config)
		if err != nil {
			t.Errorf("it cannot be supervised: %v", err)
		}
		s.ended <- code
	}()
	t.Cleanup(func() {
		for _, ask := range []chan struct{}{s.drain, s.cut} {
			select {
			case <-ask:
			default:
				close(ask)
			}
		}
		<-over
	})
	return s
}

// freeAddress is of a port that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	return l.Addr().String()
}

// dial returns once the address accepts, which it does not before the first
// host has begun.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	for until := time.Now().Add(patience); ; {
		c, err := net.DialTimeout("tcp", address, patience)
		if err == nil {
			check(t, c.SetDeadline(time.Now().Add(patience)))
			t.Cleanup(func() { _ = c.Close() })
			return c
		}
		gone := errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ECONNRESET) // by a host that ends
		if !gone || time.Now().After(until) {
			t.Fatal(err)
		}
	}
}

// again connects to a socket that is there.
func (s *supervised) again() net.Conn {
	s.t.Helper()
	c, err := net.DialTimeout("tcp", s.address, patience)
	check(s.t, err)
	check(s.t, c.SetDeadline(time.Now().Add(patience)))
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

func say(t *testing.T, c net.Conn, what string) {
	t.Helper()
	_, err := fmt.Fprintln(c, what)
	check(t, err)
}

func ask(t *testing.T, c net.Conn, what string) string {
	t.Helper()
	say(t, c, what)
	line, err := bufio.NewReader(c).ReadString('\n')
	check(t, err)
	return strings.TrimSpace(line)
}

func (s *supervised) code() int {
	s.t.Helper()
	select {
	case code := <-s.ended:
		return code
	case <-time.After(patience):
		s.t.Fatal("it does not end")
		return 0
	}
}

func (s *supervised) seen() (starts int, said []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.starts, slices.Clone(s.said)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// refused returns once nobody listens there any more.
func refused(t *testing.T, address string) {
	t.Helper()
	for until := time.Now().Add(patience); ; {
		c, err := net.DialTimeout("tcp", address, patience)
		if err == nil {
			_ = c.Close()
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
		if time.Now().After(until) {
			t.Fatalf("who comes gets %v", err)
		}
	}
}
