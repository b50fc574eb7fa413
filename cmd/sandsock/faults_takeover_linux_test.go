package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// The operator who puts a new server in the place of one that is under load.

func init() {
	// refusing is a command whose routes do not know that somebody else has
	// their sockets.
	children["refusing command"] = func() {
		setShared = func(*wasmhost.Route, bool) {}
		main()
	}
}

// controlSocket returns a path that a socket can have: in a folder of its own,
// since a test's may be too long.
func controlSocket(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "c-*")
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return filepath.Join(dir, "s")
}

// succeeds checks that a server has ended as it should.
func (h *hostProcess) succeeds() {
	h.t.Helper()
	if code := h.ends(); code != exitWell || h.stderr.Len() > 0 {
		h.t.Errorf("it ends with %d and says %q", code, h.stderr.String())
	}
	if n := h.count(wasmhost.EventStopped) + h.count(wasmhost.EventFailed) + h.count(wasmhost.EventTrouble); n > 0 {
		h.t.Errorf("%d connections were not ended by their clients", n)
	}
}

// calledOn is a client that ends as clients do, and not by a reset.
func calledOn(address string) error {
	c, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return err
	}
	return errors.Join(c.SetDeadline(time.Now().Add(patience)), exchange(c), c.Close())
}

// TestATakeoverLosesNoConnection: clients come all the time, and ask as fast as
// they can, while a successor takes over, and another its place.
func TestATakeoverLosesNoConnection(t *testing.T) {
	path := controlSocket(t)
	const clients = 32
	old, _ := startServe(t, marked("v001"), "--control", path, "--metrics", "localhost:0")
	// The other route is asked all the while, whoever has its socket: the clients
	// leave it little of the processors.
	other := old.addresses[1]
	beside := old.watchNeighbour(time.Second, func() error { return calledOn(other) })
	c := old.crowd(clients, 8, 0)
	old.waitFor(wasmhost.EventClosed, 10*clients)
	for _, mark := range []string{"v002", "v003"} {
		next, _ := startServe(t, marked(mark), "--control", path, "--metrics", "localhost:0", "--takeover", "--backlog", "99")
		if next.addresses[0] != old.addresses[0] || next.addresses[1] != old.addresses[1] {
			t.Errorf("the successor serves on %q, want %q", next.addresses, old.addresses)
		}
		old.succeeds()
		if r := old.waitFor(eventHandedOver, 1); !strings.HasSuffix(r.Text, " takes over 3 sockets") {
			t.Errorf("who goes says %q", r.Text)
		}
		if r := next.waitFor(eventTookOver, 1); !strings.HasPrefix(r.Text, fmt.Sprintf("took over 3 sockets from process %d, which ", old.cmd.Process.Pid)) {
			t.Errorf("who comes says %q", r.Text)
		}
		next.waitFor(wasmhost.EventClosed, 10*clients)
		old = next
	}
	err := c.end()
	if err != nil || c.marks["v001"] == 0 || c.marks["v002"] == 0 || c.marks["v003"] == 0 || len(c.marks) != 3 {
		t.Errorf("the clients got %v; %v", c.marks, err)
	}
	if got := backlogOf(t, path); got != 99 {
		t.Errorf("the backlog is %d", got)
	}
	a, err := control.AskOnce(t.Context(), path, control.Request{Do: control.DoStatus})
	if err != nil || a.Status.PID != old.cmd.Process.Pid || len(a.Status.Routes) != 2 {
		t.Errorf("who is asked is %+v, %v", a.Status, err)
	}
	fared, err := beside.fared()
	check(t, err)
	faults.Row(t, "T59", fmt.Sprintf("2 successors take over, %d connections, none refused, no reply lost; %s", c.connections, fared), faults.Nothing)
}

// TestATakeoverThatRefusesIsSeen is what the one above would see, were the
// sockets treated as those of one process: nobody connects any more.
func TestATakeoverThatRefusesIsSeen(t *testing.T) {
	path := controlSocket(t)
	_, stdout, _ := heir(t, nil, []string{child + "=refusing command"}, "upper", "--listen", "127.0.0.1:0", "--control", path)
	at := nextReports(t, json.NewDecoder(stdout), wasmhost.EventServing, 1)[0].Route
	_, next, _ := heir(t, nil, nil, "upper", "--listen", "127.0.0.1:0", "--control", path, "--takeover")
	nextReports(t, json.NewDecoder(next), wasmhost.EventServing, 1)
	_, _ = io.Copy(io.Discard, stdout) // until its end
	c, err := net.DialTimeout("tcp", strings.TrimPrefix(at, "tcp://"), 500*time.Millisecond)
	if err == nil {
		_ = c.Close()
		t.Error("a client connects")
	}
}

// TestASuccessorThatFailsLeavesTheServer as it was, also for its own end.
func TestASuccessorThatFailsLeavesTheServer(t *testing.T) {
	path := controlSocket(t)
	h, _ := startServe(t, marked("v001"), "--control", path)
	const clients = 16
	c := h.crowd(clients, 8, 0)
	bad := filepath.Join(t.TempDir(), "bad.wasm")
	check(t, os.WriteFile(bad, []byte("(module)\n"), 0o666))
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer taken.Close()
	for i, args := range [][]string{
		{bad, "--listen", "127.0.0.1:0"},
		{"upper", "--listen", "127.0.0.1:0", "--route", taken.Addr().String() + "=upper"},
		{"upper", "--listen", "127.0.0.1:0", "--metrics", taken.Addr().String()},
	} {
		cmd, stdout, stderr := heir(t, nil, nil, append(args, "--backlog", "1", "--control", path, "--takeover")...)
		_, _ = io.Copy(io.Discard, stdout)
		if err := cmd.Wait(); err == nil || stderr.Len() == 0 {
			t.Errorf("%v: it ends with %v", args, err)
		}
		if r := h.waitFor(wasmhost.EventTrouble, i+1); r.Error != fmt.Sprintf("process %d does not take over: it has ended; this one serves on", cmd.Process.Pid) {
			t.Errorf("the server says %q", r.Error)
		}
	}
	if got := backlogOf(t, path); got != defaultBacklog {
		t.Errorf("the backlog is %d", got)
	}
	h.waitFor(wasmhost.EventTrouble, 4) // who asked for the backlog has left
	h.waitFor(wasmhost.EventClosed, h.count(wasmhost.EventClosed)+10*clients)
	h.terminate()
	c.all.Wait()
	if n := c.refused(); n != clients || len(c.errs) != clients || h.ends() != exitWell {
		t.Errorf("%d of %d clients were refused, the others lost a reply: %v", n, clients, errors.Join(c.errs...))
	}
	if left, _ := os.ReadDir(filepath.Dir(path)); len(left) > 0 {
		t.Errorf("left is %v", left)
	}
}

// backlogOf returns that of a server's first route, as the kernel has it of a
// socket that listens (net/ipv4/tcp.c, tcp_get_info).
func backlogOf(t *testing.T, path string) int {
	t.Helper()
	x, err := control.Begin(t.Context(), path)
	check(t, err)
	defer x.Close()
	a, err := x.Ask(control.Request{Do: control.DoTakeover, PID: 1})
	check(t, err)
	defer control.CloseDescriptors(a.Descriptors)
	info, err := unix.GetsockoptTCPInfo(a.Descriptors[0], unix.IPPROTO_TCP, unix.TCP_INFO)
	check(t, err)
	return int(info.Sacked)
}

// stop stops the process, and waits until it is.
func (h *hostProcess) stop() {
	h.t.Helper()
	check(h.t, h.cmd.Process.Signal(syscall.SIGSTOP))
	coretest.Eventually(h.t, patience, "it does not stop", func() bool { // the kernel tells its parent alone, once
		stat := statOf(strconv.Itoa(h.cmd.Process.Pid))
		return stat != nil && stat[0] == "T"
	})
}

// TestAServerThatIsStoppedKeepsItsPlace: whatever a successor sent meanwhile.
func TestAServerThatIsStoppedKeepsItsPlace(t *testing.T) {
	path := controlSocket(t)
	h, _ := startServe(t, marked("v001"), "--control", path)
	x, err := control.Begin(t.Context(), path)
	check(t, err)
	defer x.Close()
	a, err := x.Ask(control.Request{Do: control.DoTakeover, PID: 1})
	check(t, err)
	control.CloseDescriptors(a.Descriptors)
	if len(a.Descriptors) != 2 || a.Handover.Sockets[0].Address != h.addresses[0] || a.Handover.Sockets[0].Name != "tcp://127.0.0.1:0" {
		t.Errorf("what it hands over is %+v", a.Handover)
	}
	if _, err := control.AskOnce(t.Context(), path, control.Request{Do: control.DoTakeover}); err == nil || err.Error() != "another process is about to take over already" {
		t.Errorf("another is told %v", err)
	}
	h.stop()
	var late sync.WaitGroup
	late.Go(func() {
		cmd, stdout, stderr := heir(t, nil, nil, "upper", "--listen", "127.0.0.1:0", "--control", path, "--takeover")
		_, _ = io.Copy(io.Discard, stdout)
		_ = cmd.Wait()
		if want := "✘ cannot take over: " + path + " does not answer\n  is it frozen, or stopped? nothing has changed\n"; stderr.String() != want || cmd.ProcessState.ExitCode() != exitFailed {
			t.Errorf("a successor of one that is stopped ends with %d and says %q", cmd.ProcessState.ExitCode(), stderr)
		}
	})
	if _, err := x.Ask(control.Request{Do: control.DoReady, Took: []int{0, 1}}); !errors.Is(err, control.ErrSilent) {
		t.Errorf("the word that all is ready is answered with %v", err)
	}
	x.Close()
	late.Wait()
	check(t, h.cmd.Process.Signal(syscall.SIGCONT))
	h.waitFor(wasmhost.EventTrouble, 1)
	conn := h.dial(0)
	if mark, err := ask(conn); mark != "v001" || err != nil {
		t.Errorf("once it goes on a client gets %q, %v", mark, err)
	}
	if n := h.count(wasmhost.EventDraining); n > 0 {
		t.Error("it drains")
	}
}

// TestAServerThatEndsMeanwhileIsSucceeded, by itself or not: its sockets are
// the successor's, and nobody is refused.
func TestAServerThatEndsMeanwhileIsSucceeded(t *testing.T) {
	slow, _ := plugins.Open("upper-go")
	file := filepath.Join(t.TempDir(), "slow.wasm")
	check(t, os.WriteFile(file, slow, 0o666))
	for _, end := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM} {
		path := controlSocket(t)
		h, _ := startServe(t, marked("v001"), "--control", path)
		cmd, stdout, stderr := heir(t, nil, nil, file, "--no-cache", "--listen", "127.0.0.1:0", "--control", path, "--takeover")
		(&hostProcess{t: t, cmd: cmd}).waitForCompiler() // it has the sockets
		check(t, h.cmd.Process.Signal(end))
		h.ends()
		conn := h.dial(0) // waits in the queue
		in := json.NewDecoder(stdout)
		if r := nextReports(t, in, eventTookOver, 1)[0]; r.Text != fmt.Sprintf("took over 1 of 2 sockets from process %d, which has ended", h.cmd.Process.Pid) {
			t.Errorf("after %v it says %q, %s", end, r.Text, stderr)
		}
		if got := roundTripOf(t, conn, "abc"); got != "ABC" {
			t.Errorf("who came after %v gets %q", end, got)
		}
	}
}

// TestASupervisedSuccessorIsStartedAgain on the sockets it took over: by then
// there is nobody to succeed.
func TestASupervisedSuccessorIsStartedAgain(t *testing.T) {
	path := controlSocket(t)
	h, _ := startServe(t, marked("v001"), "--control", path)
	cmd, stdout, stderr := heir(t, nil, nil, "upper", "--listen", "127.0.0.1:0", "--control", path, "--takeover", "--supervise")
	in := json.NewDecoder(stdout)
	nextReports(t, in, eventTookOver, 1)
	h.succeeds()
	at := nextReports(t, in, wasmhost.EventServing, 1)[0].Route
	a, err := control.AskOnce(t.Context(), path, control.Request{Do: control.DoStatus})
	check(t, err)
	if at != "tcp://"+h.addresses[0] || a.Status.PID == cmd.Process.Pid {
		t.Errorf("process %d serves on %s", a.Status.PID, at)
	}
	check(t, syscall.Kill(a.Status.PID, syscall.SIGKILL))
	if again := nextReports(t, in, wasmhost.EventServing, 1)[0].Route; again != at {
		t.Errorf("it serves on %s, and then on %s: %s", at, again, stderr)
	}
	upperAt(t, "tcp", h.addresses[0])
	check(t, cmd.Process.Signal(syscall.SIGTERM))
	_, _ = io.Copy(io.Discard, stdout)
}

// TestATakeoverLosesNoDatagram: each is answered once, by one or the other.
func TestATakeoverLosesNoDatagram(t *testing.T) {
	path := controlSocket(t)
	serve := func(mark string, flags ...string) (in *json.Decoder, at string) {
		file := filepath.Join(t.TempDir(), mark+".wasm")
		check(t, os.WriteFile(file, markedDatagrams(mark), 0o666))
		_, stdout, _ := heir(t, nil, nil, append([]string{file, "--listen", "udp://127.0.0.1:0", "--control", path}, flags...)...)
		in = json.NewDecoder(stdout)
		return in, strings.TrimPrefix(nextReports(t, in, wasmhost.EventServing, 1)[0].Route, "udp://")
	}
	old, at := serve("001:")
	over := make(chan struct{})
	var clients sync.WaitGroup
	var mu sync.Mutex
	marks, serves := map[string]int{}, make(chan string, 3) // the marks that are answered with
	for range 4 {
		clients.Go(func() {
			err := askAll(at, over, func(mark string) {
				mu.Lock()
				defer mu.Unlock()
				if marks[mark]++; marks[mark] == 100 {
					serves <- mark
				}
			})
			if err != nil {
				t.Error(err)
			}
		})
	}
	for _, mark := range []string{"002:", "003:"} {
		next, _ := serve(mark, "--takeover")
		nextReports(t, old, wasmhost.EventDrained, 1)
		old = next
		for soon(t, serves) != mark {
		}
	}
	close(over)
	clients.Wait()
	if len(marks) != 3 {
		t.Errorf("the answers are by %v", marks)
	}
}

// askAll sends datagrams, ten of them ahead of their answers, until it is over
// and each is answered. They may be answered in another order, but not twice.
func askAll(at string, over <-chan struct{}, answered func(mark string)) error {
	c, err := net.Dial("udp", at)
	if err != nil {
		return err
	}
	defer c.Close()
	waits := map[int]bool{}
	p := make([]byte, 64)
	for n, going := 0, true; going || len(waits) > 0; {
		select {
		case <-over:
			going = false
		default:
		}
		for ; going && len(waits) < 10; n++ {
			if _, err := fmt.Fprint(c, n); err != nil {
				return err
			}
			waits[n] = true
		}
		_ = c.SetReadDeadline(time.Now().Add(patience))
		got, err := c.Read(p)
		if err != nil {
			return fmt.Errorf("datagrams %v of %d are not answered: %w", waits, n, err)
		}
		number, err := strconv.Atoi(string(p[4:got]))
		if err != nil || !waits[number] {
			return fmt.Errorf("an answer too many: %q", p[:got])
		}
		delete(waits, number)
		answered(string(p[:4]))
	}
	return nil
}
