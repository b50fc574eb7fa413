package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// The operator who ends a server under load.

// terminate sends SIGTERM and returns for how long it took others after that.
func (h *hostProcess) terminate() (accepts time.Duration) {
	h.t.Helper()
	began := time.Now()
	check(h.t, h.cmd.Process.Signal(syscall.SIGTERM))
	for time.Since(began) < patience {
		c, err := net.DialTimeout("tcp", h.addresses[0], 100*time.Millisecond) // while it closes, nothing is answered
		if errors.Is(err, syscall.ECONNREFUSED) {
			return accepts
		}
		if err == nil {
			accepts = time.Since(began)
			_ = c.Close()
		}
	}
	h.t.Fatalf("it still accepts after %v", patience)
	return 0
}

// ends waits for the process and returns its exit code.
func (h *hostProcess) ends() int {
	h.t.Helper()
	select {
	case <-h.gone:
	case <-time.After(patience):
		h.t.Fatal("it does not end")
	}
	_ = h.cmd.Wait()
	return h.cmd.ProcessState.ExitCode()
}

// refused is how many connections of a crowd were not taken at all.
func (c *crowd) refused() (n int) {
	for _, err := range c.errs {
		if errors.Is(err, syscall.ECONNREFUSED) {
			n++
		}
	}
	return n
}

// anotherServer is a neighbour in a process of its own: that of a server which ends
// would end with it.
func anotherServer(t *testing.T) *vigil {
	t.Helper()
	other, _ := startServe(t, marked("next"))
	return other.watchNeighbour(neighbourAnswers, other.visitNeighbour)
}

// TestATermSignalLosesNoReply: clients come all the time, and ask as fast as
// they can. Who is connected is served to the end, who comes later is refused.
func TestATermSignalLosesNoReply(t *testing.T) {
	faults.Row(t, "T59", tried(t, func() (string, error) { return terminatedUnderLoad(t) }), faults.Nothing)
}

func terminatedUnderLoad(t *testing.T) (string, error) {
	const clients, stopsWithin = 32, 100 * time.Millisecond
	h, _ := startServe(t, marked("v001"))
	beside := anotherServer(t)
	c := h.crowd(clients, 8, 0)
	h.waitFor(wasmhost.EventClosed, 10*clients)
	var accepts time.Duration
	machine := dialPlain(t).beside(func() { accepts = h.terminate() })
	c.all.Wait() // each until it is refused
	code := h.ends()
	if n := c.refused(); n != clients || len(c.errs) != clients || c.marks[""] != clients {
		t.Errorf("%d of %d clients were refused, the others lost a reply: %v", n, clients, errors.Join(c.errs...))
	}
	if code != exitWell || h.stderr.Len() > 0 {
		t.Errorf("it ends with %d and says %q", code, h.stderr.String())
	}
	if n := h.count(wasmhost.EventStopped) + h.count(wasmhost.EventFailed); n > 0 {
		t.Errorf("%d connections were not ended by their clients", n)
	}
	fared, err := beside.fared()
	if most := stopsWithin + machine; accepts > most {
		err = errors.Join(err, fmt.Errorf("%v is the bound", most))
	}
	return fmt.Sprintf("SIGTERM: takes nobody after %v, %d connections and no reply lost, exit code 0; %s", short(accepts), c.connections-clients, fared), err
}

// TestASecondTermSignalCuts: the clients would stay for ever.
func TestASecondTermSignalCuts(t *testing.T) {
	h, _ := startServe(t, marked("v001"))
	beside := anotherServer(t)
	const clients = 8
	var conns []net.Conn
	for range clients {
		c := h.dial(0)
		_, err := ask(c)
		check(t, err)
		conns = append(conns, c)
	}
	h.terminate()
	for _, c := range conns {
		if mark, err := ask(c); mark != "v001" || err != nil {
			t.Errorf("while it drains a client gets %q, %v", mark, err)
		}
	}
	began := time.Now()
	check(t, h.cmd.Process.Signal(syscall.SIGTERM))
	for _, c := range conns {
		if got, _ := io.ReadAll(c); len(got) > 0 {
			t.Errorf("at the cut a client gets %q", got)
		}
	}
	if code := h.ends(); code != exitInterrupted {
		t.Errorf("it ends with %d", code)
	}
	took := time.Since(began)
	if n := h.count(wasmhost.EventStopped); n != clients {
		t.Errorf("%d of %d connections were cut", n, clients)
	}
	fared, err := beside.fared()
	check(t, err)
	faults.Row(t, "T59", fmt.Sprintf("a second SIGTERM ends %d connections in %v, exit code %d; %s", clients, short(took), exitInterrupted, fared), faults.Nothing)
}

// TestAfterAKillAnotherServesInItsPlace: the next has the same address, cache
// and control socket, and what the one that was killed had at work is gone.
func TestAfterAKillAnotherServesInItsPlace(t *testing.T) {
	folder := t.TempDir()
	same := []string{"--cache", filepath.Join(folder, "cache"), "--control", filepath.Join(folder, "control")}
	slow, _ := plugins.Open("upper-go")
	h, file := startServe(t, marked("v001"), same...)
	beside := anotherServer(t)
	c := h.crowd(8, 4, 0)
	h.waitFor(wasmhost.EventClosed, 80)
	rename(t, file, slow)
	h.waitForCompiler()
	compilers := h.children()
	h.kill()
	c.all.Wait() // each until it is cut or refused
	if n := c.connections - c.marks["v001"] - c.marks[""]; n > 0 {
		t.Errorf("the clients got %v", c.marks)
	}
	for _, pid := range compilers {
		waitUntilGone(t, pid)
	}
	rename(t, file, marked("v002"))
	next := startCommand(t, append([]string{file, "--listen", h.addresses[0]}, same...)...)
	next.serves(file)
	client := next.dial(0)
	if mark, err := ask(client); mark != "v002" || err != nil {
		t.Errorf("then a client gets %q, %v", mark, err)
	}
	check(t, client.Close())
	if n := next.count(wasmhost.EventTrouble); n > 0 || next.addresses[0] != h.addresses[0] {
		t.Errorf("it serves on %s, and has trouble %d times", next.addresses[0], n)
	}
	next.terminate()
	if code := next.ends(); code != exitWell || next.stderr.Len() > 0 {
		t.Errorf("the next ends with %d and says %q", code, next.stderr.String())
	}
	fared, err := beside.fared()
	check(t, err)
	faults.Row(t, "T59", fmt.Sprintf("SIGKILL under load: its processes that compile (%d) end as well, the next serves with the same address, cache and control; %s", len(compilers), fared), faults.Nothing)
}

// children are the processes that the host has begun.
func (h *hostProcess) children() (pids []string) { return childrenOf(h.cmd.Process.Pid) }

func childrenOf(pid int) (pids []string) {
	names, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, name := range names {
		text, _ := os.ReadFile(name)
		pids = append(pids, strings.Fields(string(text))...)
	}
	return pids
}

// waitUntilGone waits for the end of a process that is no child of this one:
// whoever is its parent now may leave it a zombie (proc(5), stat).
func waitUntilGone(t *testing.T, pid string) {
	t.Helper()
	coretest.Eventually(t, patience, "process "+pid+" goes on", func() bool {
		stat := statOf(pid)
		return stat == nil || stat[0] == "Z"
	})
}
