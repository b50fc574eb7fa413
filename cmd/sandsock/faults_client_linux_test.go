package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// Clients that attack, of a host in a process of its own.

// servedBy is a host that serves a bundled handler to the attackers.
func servedBy(t *testing.T, name string, limits wasmhost.Limits) hostSpec {
	t.Helper()
	file, ok := plugins.Open(name)
	if !ok {
		t.Fatal(name)
	}
	return hostSpec{Limits: limits, Routes: []routeSpec{{Name: "attacker", File: file}}}
}

// started is a host that has to start.
func started(t testing.TB, spec hostSpec) *hostProcess {
	t.Helper()
	h, refused := startHost(t, spec)
	if refused != "" {
		t.Fatal(refused)
	}
	return h
}

// backTo waits until the host has as little in use as at the start.
func (h *hostProcess) backTo(base resourcesInUse) error {
	var now told
	for until := time.Now().Add(patience); time.Now().Before(until); {
		now, _ = h.order(order{Measure: true}, silence)
		if in := now.In; in.Open == 0 && in.Goroutines <= base.Goroutines && in.Descriptors <= base.Descriptors {
			return nil
		}
	}
	return fmt.Errorf("left over: %+v, at the start %+v", now.In, base)
}

func (h *hostProcess) measured() resourcesInUse {
	h.t.Helper()
	answer, ok := h.order(order{Measure: true}, silence)
	if !ok {
		h.t.Fatal("the host does not answer")
	}
	return answer.In
}

// scaled is n, or a tenth where time is short.
func scaled(n int) int {
	if testing.Short() {
		return n / 10
	}
	return n
}

// keepsPace waits, at each hundred connections to the attacker that came or
// went, until the host has seen them: it never rests, and what the neighbour
// waits for is no queue that is as long as the machine is slow.
func (h *hostProcess) keepsPace(t *testing.T, n int, fits func(wasmhost.Report) bool) {
	t.Helper()
	if n%100 != 0 {
		return
	}
	if seen := len(h.seen(n, patience, fits)); seen != n {
		t.Fatalf("the host has seen %d of %d", seen, n)
	}
}

func TestTenThousandIdleConnections(t *testing.T) {
	faults.Row(t, "T46", tried(t, func() (string, error) { return idleConnections(t, scaled(10_000)) }), faults.Always("what is freed is freed always"))
}

func idleConnections(t *testing.T, n int) (string, error) {
	const most = 32 << 10 // bytes a connection, all in all
	h := started(t, servedBy(t, "upper", wasmhost.Limits{FirstByte: -1}))
	defer h.kill()
	base, before := h.measured(), h.status("VmRSS")
	neighbour := h.beside(h.visitNeighbour)
	clients := make([]net.Conn, 0, n)
	defer func() {
		for _, c := range clients {
			_ = c.Close()
		}
	}()
	for i := range n {
		c, err := net.DialTimeout("tcp", h.addresses[0], patience)
		check(t, err)
		clients = append(clients, c)
		h.keepsPace(t, i+1, event(wasmhost.EventConnected, "attacker"))
	}
	each := (h.status("VmRSS") - before) << 20 / n
	if each > most {
		t.Errorf("a connection takes %d bytes, %d is the bound", each, most)
	}
	for i, c := range clients {
		check(t, c.Close())
		h.keepsPace(t, i+1, ended("attacker"))
	}
	clients = nil
	fared, err := neighbour()
	check(t, h.backTo(base))
	return fmt.Sprintf("%d idle connections, %.1f KiB resident each, all freed, %s", n, float64(each)/1024, fared), err
}

func TestAFloodOfConnections(t *testing.T) {
	faults.Row(t, "T47", tried(t, func() (string, error) { return flood(t, scaled(20_000)) }), faults.Always("what is freed is freed always"))
}

func flood(t *testing.T, n int) (string, error) {
	h := started(t, servedBy(t, "upper", wasmhost.Limits{}))
	defer h.kill()
	base, began := h.measured(), time.Now()
	neighbour := h.beside(h.visitNeighbour)
	for i := range n {
		c, err := net.DialTimeout("tcp", h.addresses[0], patience)
		check(t, err)
		check(t, c.(*net.TCPConn).SetLinger(0)) // no port is left in TIME_WAIT
		check(t, c.Close())
		h.keepsPace(t, i+1, event(wasmhost.EventConnected, "attacker"))
	}
	took := time.Since(began)
	check(t, visit(h.addresses[0]))
	fared, err := neighbour()
	check(t, h.backTo(base))
	// Instances that were never freed would be 500 MiB.
	if rise := h.rise(); rise > 150 {
		t.Errorf("memory rose by %d MiB", rise)
	}
	return fmt.Sprintf("%d connections in %v, nothing is left, %s", n, short(took), fared), err
}

func TestAHostWithoutDescriptorsWaitsAndRecovers(t *testing.T) {
	faults.Row(t, "T48", tried(t, func() (string, error) { return withoutDescriptorsLeft(t, 100, 150) }), faults.Always("the wait is the loop's own"))
}

func withoutDescriptorsLeft(t *testing.T, files uint64, n int) (string, error) {
	spec := servedBy(t, "upper", wasmhost.Limits{})
	spec.Files = files
	h := started(t, spec)
	defer h.kill()
	// Nobody who comes has a descriptor now: who has come is served.
	open := h.dial(1)
	check(t, exchange(open))
	neighbour := h.beside(func() error { return exchange(open) })
	var clients []*net.TCPConn
	for range n {
		clients = append(clients, h.dial(0))
	}
	trouble := event(wasmhost.EventTrouble, "attacker")
	if seen := h.seen(1, patience, trouble); len(seen) != 1 || !strings.Contains(seen[0].Error, "cannot accept: ") {
		t.Fatalf("it does not say so: %+v", seen)
	}
	fared, err := neighbour()
	used, window := h.processorTime(), 2*time.Second
	time.Sleep(window) // the window of the measurement
	if used = h.processorTime() - used; used > window/10 {
		err = errors.Join(err, fmt.Errorf("it used %v of the processor in %v", used, window))
	}
	neighbour = h.beside(func() error { return exchange(open) })
	for _, c := range clients[:n/2] {
		check(t, c.Close())
	}
	for _, c := range clients[n/2:] { // those that waited too
		check(t, exchange(c))
		check(t, c.Close())
	}
	faredThen, errThen := neighbour()
	check(t, visit(h.addresses[1]))
	if seen := h.seen(2, 0, trouble); len(seen) != 1 {
		t.Errorf("%d lines say so", len(seen))
	}
	return fmt.Sprintf("one line, %v of the processor in %v, all are served in the end, a connection of the %s, then %s", used, window, fared, faredThen), errors.Join(err, errThen)
}

// processorTime is what the host has used.
func (h *hostProcess) processorTime() time.Duration {
	return processorTime(strconv.Itoa(h.cmd.Process.Pid))
}

// processorTime is what a process has used, 0 of one that is gone.
func processorTime(pid string) time.Duration {
	stat := statOf(pid)
	if stat == nil {
		return 0
	}
	sum := 0
	for _, f := range stat[11:13] { // utime, stime
		n, _ := strconv.Atoi(f)
		sum += n
	}
	return time.Duration(sum) * 10 * time.Millisecond // USER_HZ is 100
}

// statOf is what proc_pid_stat(5) has of a process behind its name, which is
// its state first; nil of one that is gone.
func statOf(pid string) []string {
	text, _ := os.ReadFile("/proc/" + pid + "/stat")
	_, after, _ := strings.Cut(string(text), ") ")
	if fields := strings.Fields(after); len(fields) > 13 {
		return fields
	}
	return nil
}

// pours is a handler that sends 64 KiB again and again, until that fails.
func pours() fixture {
	return fixture{pages: 2, imports: []imported{{"socket", "send", 5}}, functions: []function{{"handle", 1, join(
		[]byte{0x03, 0x40, get, 0}, constant(0), constant(64<<10), constant(0), []byte{call, 0}, // loop
		constant(0), []byte{0x4a, 0x0d, 0, end}, constant(0))}}} // i32.gt_s br_if 0
}

func TestAClientThatNeverReads(t *testing.T) {
	var said [2]string
	for i, idle := range []time.Duration{300 * time.Millisecond, -1} {
		said[i] = tried(t, func() (string, error) { return sentToNobody(t, idle) })
	}
	faults.Row(t, "T44", said[0], said[1])
}

func sentToNobody(t *testing.T, idle time.Duration) (string, error) {
	spec := attackedBy(pours())
	spec.Limits = wasmhost.Limits{FirstByte: -1, Idle: idle}
	h := started(t, spec)
	defer h.kill()
	neighbour := h.beside(h.visitNeighbour)
	check(t, h.dial(0).SetReadBuffer(4096))
	within := patience
	if idle < 0 {
		within = 3 * time.Second
	}
	ends := h.seen(1, within, ended("attacker"))
	said := fmt.Sprintf("still sending after %v, memory +%d MiB", within, h.rise())
	if len(ends) == 1 {
		said = fmt.Sprintf("%s after %v, memory +%d MiB", ends[0].Error, short(ends[0].Took), h.rise())
	}
	if stopped := len(ends) == 1 && ends[0].Event == wasmhost.EventStopped; stopped != (idle > 0) || h.rise() > 20 {
		t.Errorf("with idle at %v: %s", idle, said)
	}
	fared, err := neighbour()
	return said + ", " + fared, err
}

func TestAGigabyteToAClientThatReads(t *testing.T) {
	total := int64(scaled(1 << 30))
	h := started(t, attackedBy(pours()))
	c := h.dial(0)
	n, err := io.CopyN(io.Discard, c, total)
	check(t, err)
	check(t, c.Close())
	if rise := h.rise(); rise > 20 {
		t.Errorf("%d bytes raise the memory by %d MiB", n, rise)
	}
}

func TestALineOfAHundredMegabytes(t *testing.T) {
	faults.Row(t, "T45", tried(t, func() (string, error) { return longLine(t, scaled(100<<20)) }), faults.Always("no code keeps a line"))
}

func longLine(t *testing.T, total int) (string, error) {
	h := started(t, servedBy(t, "upper", wasmhost.Limits{}))
	defer h.kill()
	neighbour := h.beside(h.visitNeighbour)
	c := h.dial(0)
	go func() {
		zeros := make([]byte, 64<<10)
		for range total / len(zeros) {
			if _, err := c.Write(zeros); err != nil {
				return
			}
		}
		_ = c.CloseWrite()
	}()
	sum, block := 0, make([]byte, 64<<10)
	for {
		n, err := c.Read(block)
		if bytes.Count(block[:n], []byte{0}) != n {
			t.Fatal("the echo is something else")
		}
		if sum += n; err != nil {
			break
		}
	}
	if want := total / len(block) * len(block); sum != want || h.rise() > 20 {
		t.Errorf("%d bytes of %d came back, memory rose by %d MiB", sum, want, h.rise())
	}
	fared, err := neighbour()
	return fmt.Sprintf("%d MiB without a line's end, memory +%d MiB, %s", total>>20, h.rise(), fared), err
}
