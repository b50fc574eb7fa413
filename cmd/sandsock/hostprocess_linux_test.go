package main

import (
	"bufio"
	"encoding/json"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// hostProcess is a host in a process of its own, as its test sees it. The last
// of its routes is the neighbour's: a healthy handler, which nobody attacks.
type hostProcess struct {
	t         testing.TB
	cmd       *exec.Cmd
	orders    *json.Encoder
	gone      chan struct{} // closed when the host's standard output has ended
	routes    []string      // the handlers' names
	addresses []string
	base      int           // MiB of VmHWM when all was loaded
	late      time.Duration // after that, what has not happened does not
	stderr    growing

	mu      sync.Mutex
	answers map[int]chan told // by the order's number
	reports []wasmhost.Report
	more    chan struct{} // closed and replaced at each report
}

// silence is how long a host may say nothing before it counts as frozen.
const silence = 2 * time.Second

// How late is too late: where a defence is on, only a machine that has much
// else to do comes near it. Without, it is waited for in vain.
const (
	lateWith    = 10 * time.Second
	lateWithout = 2 * silence
)

// startHost starts a host and ends it with the test. It returns once the host
// serves, or says why it does not.
func startHost(t testing.TB, spec hostSpec) (h *hostProcess, refused string) {
	t.Helper()
	upper, _ := plugins.Open("upper")
	spec.Routes = append(spec.Routes, routeSpec{Name: "neighbour", File: upper})
	h = &hostProcess{t: t, late: lateWith, answers: map[int]chan told{}, gone: make(chan struct{}), more: make(chan struct{})}
	for _, r := range spec.Routes {
		if !r.Program {
			h.routes = append(h.routes, r.Name)
		}
	}
	executable, err := os.Executable()
	check(t, err)
	h.cmd = exec.Command(executable)
	h.cmd.Env = append(os.Environ(), child+"=host", "TMPDIR="+t.TempDir()) // it may be killed, and leave something
	h.cmd.Stderr = &h.stderr
	stdin, err := h.cmd.StdinPipe()
	check(t, err)
	stdout, err := h.cmd.StdoutPipe()
	check(t, err)
	check(t, h.cmd.Start())
	go h.listen(bufio.NewReader(stdout))
	t.Cleanup(h.kill)
	h.orders = json.NewEncoder(stdin)
	answer, ok := h.ask(func(int) any { return spec }, patience)
	if !ok {
		h.kill()
		t.Fatalf("the host does not begin: %s", h.stderr.String())
	}
	h.addresses, h.base = answer.Serving, h.highWater()
	return h, answer.Refused
}

// kill ends the host in whatever state it is. It may be called twice.
func (h *hostProcess) kill() {
	_ = h.cmd.Process.Kill()
	<-h.gone
	_ = h.cmd.Wait()
}

// listen takes what the host says until its end.
func (h *hostProcess) listen(lines *bufio.Reader) {
	defer close(h.gone)
	for in := json.NewDecoder(lines); ; {
		var t told
		if in.Decode(&t) != nil {
			return
		}
		h.mu.Lock()
		if t.Report == nil {
			h.answers[t.Number] <- t
		} else {
			h.reports = append(h.reports, *t.Report)
			close(h.more)
			h.more = make(chan struct{})
		}
		h.mu.Unlock()
	}
}

// order makes the host do something and returns its answer; false where none
// comes in time. It may be called from any goroutine.
func (h *hostProcess) order(o order, within time.Duration) (told, bool) {
	return h.ask(func(number int) any {
		o.Number = number
		return o
	}, within)
}

func (h *hostProcess) ask(message func(number int) any, within time.Duration) (told, bool) {
	answer := make(chan told, 1)
	h.mu.Lock()
	number := len(h.answers)
	h.answers[number] = answer
	err := h.orders.Encode(message(number))
	h.mu.Unlock()
	if err != nil {
		return told{}, false
	}
	select {
	case t := <-answer:
		return t, true
	case <-h.gone:
	case <-time.After(within):
	}
	return told{}, false
}

// alive reports whether the process is.
func (h *hostProcess) alive() bool {
	select {
	case <-h.gone:
		return false
	default:
		return true
	}
}

// dial connects to the route of that number.
func (h *hostProcess) dial(route int) *net.TCPConn {
	h.t.Helper()
	c, err := net.DialTimeout("tcp", h.addresses[route], patience)
	check(h.t, err)
	check(h.t, c.SetDeadline(time.Now().Add(patience)))
	h.t.Cleanup(func() { _ = c.Close() })
	return c.(*net.TCPConn)
}

// seen returns the first n reports that fit, once there are as many, or those
// that came in time.
func (h *hostProcess) seen(n int, within time.Duration, fits func(wasmhost.Report) bool) (found []wasmhost.Report) {
	late := time.After(within)
	for at := 0; ; {
		h.mu.Lock()
		reports, more := h.reports[at:], h.more
		at = len(h.reports)
		h.mu.Unlock()
		for _, r := range reports {
			if fits(r) && len(found) < n {
				found = append(found, r)
			}
		}
		if len(found) == n {
			return found
		}
		select {
		case <-more:
		case <-late:
			return found
		case <-h.gone:
			return found
		}
	}
}

// ended fits the reports of how a connection of a route ended.
func ended(route string) func(wasmhost.Report) bool {
	return func(r wasmhost.Report) bool {
		switch r.Event {
		case wasmhost.EventClosed, wasmhost.EventFailed, wasmhost.EventStopped:
			return r.Route == route
		}
		return false
	}
}

// event fits the reports of one event of a route.
func event(name, route string) func(wasmhost.Report) bool {
	return func(r wasmhost.Report) bool { return r.Event == name && r.Route == route }
}

// highWater is the most memory the process has had resident, in MiB.
func (h *hostProcess) highWater() int { return h.status("VmHWM") }

// rise is by how much that is more than when all was loaded.
func (h *hostProcess) rise() int { return h.highWater() - h.base }

// status returns a size of /proc/PID/status in MiB; 0 of a process that is
// gone.
func (h *hostProcess) status(field string) int { return h.kibibytes(field) >> 10 }

func (h *hostProcess) kibibytes(field string) int {
	text, _ := os.ReadFile("/proc/" + strconv.Itoa(h.cmd.Process.Pid) + "/status")
	_, after, _ := strings.Cut(string(text), field+":")
	line, _, _ := strings.Cut(after, " kB")
	kib, _ := strconv.Atoi(strings.TrimSpace(line))
	return kib
}
