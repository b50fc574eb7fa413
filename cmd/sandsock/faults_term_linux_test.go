package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"syscall"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest/faults"
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

// TestATermSignalLosesNoReply: clients come all the time, and ask as fast as
// they can. Who is connected is served to the end, who comes later is refused.
func TestATermSignalLosesNoReply(t *testing.T) {
	h, _ := startServe(t, marked("v001"))
	const clients = 32
	c := h.crowd(clients, 8, 0)
	h.waitFor(wasmhost.EventClosed, 10*clients)
	accepts := h.terminate()
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
	faults.Row(t, "T59", fmt.Sprintf("takes nobody after %v, %d connections and no reply lost, exit code 0", short(accepts), c.connections-clients), faults.Nothing)
}

// TestASecondTermSignalCuts: the clients would stay for ever.
func TestASecondTermSignalCuts(t *testing.T) {
	h, _ := startServe(t, marked("v001"))
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
	faults.Row(t, "T59", fmt.Sprintf("the second ends %d connections in %v, exit code %d", clients, short(took), exitInterrupted), faults.Nothing)
}
