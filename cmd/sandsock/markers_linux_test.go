package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/wasmhost"
)

// This file is what the tests of swapping have in common: handlers whose
// replies say which version made them, and clients who keep asking.

// marked is a handler that sends back what it receives, each with a mark of
// four bytes before it, until the client closes.
func marked(mark string) []byte {
	received := join(constant(4096), []byte{load, 2, 0})
	return fixture{
		pages: 1, imports: []imported{{"socket", "recv", 5}, {"socket", "sendall", 5}}, data: mark,
		functions: []function{{"handle", 1, join(
			[]byte{0x03, 0x40},                                                                                    // loop
			constant(4096), []byte{get, 0}, constant(4), constant(1024), constant(0), []byte{call, 0, 0x36, 2, 0}, // i32.store
			received, constant(1), []byte{0x48, 0x04, 0x40}, constant(0), []byte{0x0f, end}, // if < 1: return 0
			[]byte{get, 0}, constant(0), received, constant(4), []byte{0x6a}, constant(0), []byte{call, 1, drop},
			[]byte{0x0c, 0, end, unreachable})}},
	}.module()
}

// ask is a round trip with such a handler: it returns the mark.
func ask(c net.Conn) (string, error) {
	const message = "ping"
	if _, err := c.Write([]byte(message)); err != nil {
		return "", err
	}
	reply := make([]byte, 4+len(message))
	if _, err := io.ReadFull(c, reply); err != nil {
		return "", err
	}
	if string(reply[4:]) != message {
		return "", fmt.Errorf("the reply is %q", reply)
	}
	return string(reply[:4]), nil
}

// crowd is clients of a handler's, who come and stay for some round trips,
// and come again.
type crowd struct {
	address string
	pause   time.Duration // between round trips
	stay    int           // round trips of a connection
	over    chan struct{}
	all     sync.WaitGroup

	mu          sync.Mutex
	marks       map[string]int // connections, by the mark of their replies
	connections int
	errs        []error
}

func (h *hostProcess) crowd(clients, stay int, pause time.Duration) *crowd {
	c := &crowd{address: h.addresses[0], pause: pause, stay: stay, over: make(chan struct{}), marks: map[string]int{}}
	for i := range clients {
		c.all.Go(func() {
			for round := i; c.visit(1 + round%c.stay); round++ {
				continue
			}
		})
	}
	return c
}

// visit is one connection; false where no more are to come.
func (c *crowd) visit(stay int) bool {
	mark, err := c.converse(stay)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.connections++
	c.marks[mark]++
	if err != nil {
		c.errs = append(c.errs, err)
	}
	select {
	case <-c.over:
		return false
	default:
		return err == nil
	}
}

// converse returns the one mark of all replies of a connection.
func (c *crowd) converse(stay int) (mark string, err error) {
	conn, err := net.DialTimeout("tcp", c.address, patience)
	if err != nil {
		return "", err
	}
	defer conn.Close()
	_ = conn.(*net.TCPConn).SetLinger(0) // no port is left in TIME_WAIT
	_ = conn.SetDeadline(time.Now().Add(patience))
	for range stay {
		got, err := ask(conn)
		switch {
		case err != nil:
			return mark, err
		case mark != "" && got != mark:
			return mark, fmt.Errorf("replies of %q and of %q", mark, got)
		}
		mark = got
		if c.pause > 0 {
			select {
			case <-time.After(c.pause):
			case <-c.over:
			}
		}
	}
	return mark, nil
}

// end returns once all clients have, with what went wrong.
func (c *crowd) end() error {
	close(c.over)
	c.all.Wait()
	return errors.Join(c.errs...)
}

// startServe runs `sandsock serve` of a file with this content, and beside it
// the neighbour. It returns the file's path.
func startServe(t testing.TB, content []byte, flags ...string) (h *hostProcess, file string) {
	t.Helper()
	file = filepath.Join(t.TempDir(), "mine.wasm")
	check(t, os.WriteFile(file, content, 0o666))
	h = startCommand(t, append([]string{file, "--listen", "127.0.0.1:0", "--route", "127.0.0.1:0=upper"}, flags...)...)
	h.serves(file, "upper")
	return h, file
}

// startCommand runs `sandsock serve`.
func startCommand(t testing.TB, args ...string) *hostProcess { return startAs(t, "command", args...) }

// startAs runs one of the children that are like the command.
func startAs(t testing.TB, name string, args ...string) *hostProcess {
	t.Helper()
	executable, err := os.Executable()
	check(t, err)
	return startProgram(t, executable, name, args...)
}

// startProgram runs a copy of the test's program so.
func startProgram(t testing.TB, program, name string, args ...string) *hostProcess {
	t.Helper()
	h := &hostProcess{t: t, late: lateWith, gone: make(chan struct{}), more: make(chan struct{})}
	h.cmd = exec.Command(program, append([]string{"serve", "--json"}, args...)...)
	h.cmd.Env = append(os.Environ(), child+"="+name, "TMPDIR="+t.TempDir(), userCache+"="+t.TempDir())
	h.cmd.Stderr = &h.stderr
	stdout, err := h.cmd.StdoutPipe()
	check(t, err)
	check(t, h.cmd.Start())
	go h.listenReports(json.NewDecoder(stdout))
	t.Cleanup(h.kill)
	return h
}

// serves waits until these handlers are served, which then are the routes.
func (h *hostProcess) serves(handlers ...string) {
	h.t.Helper()
	serving := h.seen(len(handlers), patience, func(r wasmhost.Report) bool { return r.Event == wasmhost.EventServing })
	if len(serving) < len(handlers) {
		h.kill()
		h.t.Fatalf("it does not serve: %s", h.stderr.String())
	}
	for _, name := range handlers {
		for _, r := range serving {
			if r.Handler == name {
				h.addresses = append(h.addresses, strings.TrimPrefix(r.Route, "tcp://"))
			}
		}
	}
}

func (h *hostProcess) listenReports(in *json.Decoder) {
	defer close(h.gone)
	for {
		var r wasmhost.Report
		if in.Decode(&r) != nil {
			return
		}
		h.mu.Lock()
		h.reports = append(h.reports, r)
		close(h.more)
		h.more = make(chan struct{})
		h.mu.Unlock()
	}
}

// waitFor returns the nth report of an event, from 1.
func (h *hostProcess) waitFor(event string, n int) wasmhost.Report {
	h.t.Helper()
	seen := h.seen(n, patience, func(r wasmhost.Report) bool { return r.Event == event })
	if len(seen) < n {
		h.t.Fatalf("%d of %d reports %q came: %+v; %s", len(seen), n, event, seen, h.stderr.String())
	}
	return seen[n-1]
}

// count returns how many reports of an event have come.
func (h *hostProcess) count(event string) (n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, r := range h.reports {
		if r.Event == event {
			n++
		}
	}
	return n
}

// rename puts a new file in another's place.
func rename(t testing.TB, file string, content []byte) {
	t.Helper()
	check(t, os.WriteFile(file+".new", content, 0o666))
	check(t, os.Rename(file+".new", file))
}
