package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/wasmhost"
)

// The operator whose configuration cannot be, while it is served.

// descriptors is how many a process has.
func (h *hostProcess) descriptors() int {
	h.t.Helper()
	open, err := os.ReadDir("/proc/" + strconv.Itoa(h.cmd.Process.Pid) + "/fd")
	check(h.t, err)
	return len(open)
}

// TestABadConfigurationChangesNothing: each would change the handler of the
// route that is talked to, and is then in the way of itself.
func TestABadConfigurationChangesNothing(t *testing.T) {
	folder := t.TempDir()
	path := func(name string) string { return filepath.Join(folder, name) }
	for _, mark := range []string{"v001", "v002"} {
		check(t, os.WriteFile(path(mark), marked(mark), 0o666))
	}
	check(t, writeFixtures(folder))
	plan := func(mark, more string) string {
		return fmt.Sprintf("[[route]]\nlisten = '127.0.0.1:0'\nhandler = '%s'\n[[route]]\nlisten = '127.0.0.2:0'\nhandler = 'upper'\n%s", path(mark), more)
	}
	third := func(listen, handler string) string {
		return plan("v002", fmt.Sprintf("[[route]]\nlisten = '%s'\nhandler = '%s'\n", listen, handler))
	}
	check(t, os.WriteFile(path("f.toml"), []byte(plan("v001", "")), 0o666))
	h := startCommand(t, "-f", path("f.toml"), "--no-watch")
	h.serves(path("v001"), "upper")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer taken.Close()

	tests := []struct{ id, content, words string }{
		{"T58", third(taken.Addr().String(), "echo"), fmt.Sprintf("f.toml:8:10: cannot listen on %s: address already in use", python(taken.Addr()))},
		{"T58", third("192.0.2.7:0", "echo"), "f.toml:8:10: cannot listen on ('192.0.2.7', 0): cannot assign requested address"},
		{"T59", plan("v002", "x"), "f.toml:7:"},
		{"T59", plan("v002", "idle = 'soon'\n"), `f.toml:7:8: idle "soon"`},
		{"T59", third("127.0.0.1:0", "uper"), "f.toml:9:11: there is no bundled plugin uper"},
		{"T59", third("127.0.0.1:0", path("text.wasm")), path("text.wasm") + ": is WebAssembly text"},
		{"T59", third("127.0.0.1:0", path("exit7.wasm")), path("exit7.wasm") + ": is a program"},
	}
	hangup := func(content string) {
		check(t, os.WriteFile(path("f.toml"), []byte(content), 0o666))
		check(t, h.cmd.Process.Signal(syscall.SIGHUP))
	}
	// It comes with pipes that stay.
	coretest.Eventually(t, patience, "there is no next compiler", func() bool { return len(h.children()) > 0 })
	open := h.descriptors()
	neighbour := h.beside(h.visitNeighbour)
	c := h.crowd(8, 4, 5*time.Millisecond)
	count := map[string]int{}
	for i, tt := range tests {
		hangup(tt.content)
		if r := h.waitFor(wasmhost.EventTrouble, i+1); !strings.HasPrefix(r.Error, "nothing has changed: ") || !strings.Contains(r.Error, tt.words) {
			t.Errorf("it says %q, want %q", r.Error, tt.words)
		}
		count[tt.id]++
	}
	if err := c.end(); err != nil || len(c.marks) != 1 || c.marks["v001"] == 0 {
		t.Errorf("the clients got %v; %v", c.marks, err)
	}
	said, err := neighbour()
	check(t, err)
	coretest.Eventually(t, patience, fmt.Sprintf("more than %d descriptors are open, as were", open), func() bool {
		return h.descriptors() <= open // the last clients leave
	})
	check(t, taken.Close())
	hangup(tests[0].content)
	if r := h.waitFor(eventConfigured, 1); !strings.HasSuffix(r.Text, "1 route new, 1 route changed") {
		t.Errorf("once it can be: %q", r.Text)
	}
	if mark, err := ask(h.dial(0)); mark != "v002" || err != nil {
		t.Errorf("then a client gets %q, %v", mark, err)
	}
	for id, n := range count {
		faults.Row(t, id, fmt.Sprintf("SIGHUP with %d bad configurations: a line each, and all %d connections served as before; %s", n, c.connections, said), faults.Nothing)
	}
}

// python is an address as Python has it.
func python(a net.Addr) string {
	host, port, _ := net.SplitHostPort(a.String())
	return "('" + host + "', " + port + ")"
}
