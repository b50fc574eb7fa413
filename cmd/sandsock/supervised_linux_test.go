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
	"syscall"
	"testing"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// handsOver is what a server would hand over first, and a descriptor of it.
func handsOver(t *testing.T, path string) (control.Socket, *os.File) {
	t.Helper()
	x, err := control.Begin(t.Context(), path)
	check(t, err)
	defer x.Close()
	a, err := x.Ask(control.Request{Do: control.DoTakeover, PID: 1})
	check(t, err)
	file := os.NewFile(uintptr(a.Descriptors[0]), "handed over")
	t.Cleanup(func() { _ = file.Close() })
	control.CloseDescriptors(a.Descriptors[1:])
	return a.Handover.Sockets[0], file
}

// TestAtItsEndAHostRefusesOnlyOnSocketsThatAreItsOwn: whether it is the first
// of its supervisor or comes after one that was killed, it is not to lose who
// comes between the last accept and the close; and where the supervisor has the
// socket from its own, systemd perhaps, that is to be as good as before.
func TestAtItsEndAHostRefusesOnlyOnSocketsThatAreItsOwn(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	for _, inherits := range []bool{false, true} {
		for _, restarted := range []bool{false, true} {
			t.Run(fmt.Sprintf("inherits=%v,restarted=%v", inherits, restarted), func(t *testing.T) {
				path, at := controlSocket(t), "127.0.0.1:0"
				var files []*os.File
				var env []string
				if inherits {
					var file *os.File
					file, at = left(t, "tcp4", "127.0.0.1:0")
					files, env = []*os.File{file}, []string{"LISTEN_FDS=1", "LISTEN_FDNAMES=web.socket"}
				}
				cmd, stdout, stderr := heir(t, files, env, "upper", "--listen", at, "--control", path, "--supervise")
				in := json.NewDecoder(stdout)
				at = strings.TrimPrefix(nextReports(t, in, wasmhost.EventServing, 1)[0].Route, "tcp://")
				if restarted {
					check(t, syscall.Kill(statusAt(t, path).PID, syscall.SIGKILL))
					nextReports(t, in, wasmhost.EventServing, 1)
				}
				upperAt(t, "tcp", at)
				socket, _ := handsOver(t, path) // held to the end, so that the kernel still has it
				if socket.Shared != inherits || socket.Address != at {
					t.Errorf("it would hand over %+v", socket)
				}
				for !strings.Contains(nextReports(t, in, wasmhost.EventTrouble, 1)[0].Error, "does not take over") {
				} // who asked has left
				endsAsTold(t, cmd, stdout, stderr)
				c, err := net.DialTimeout("tcp", at, 500*time.Millisecond)
				if err == nil {
					_ = c.Close()
				}
				var timed net.Error
				if refuses := errors.As(err, &timed) && timed.Timeout(); refuses == inherits {
					t.Errorf("who connects then gets %v", err)
				}
			})
		}
	}
}

// TestASupervisedSuccessorTakesOverBesideWhatItInherits, once: the host that
// comes after it has both from its supervisor.
func TestASupervisedSuccessorTakesOverBesideWhatItInherits(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	path := controlSocket(t)
	old, _ := startServe(t, marked("v001"), "--control", path)
	file, at := left(t, "tcp4", "127.0.0.1:0")
	cmd, stdout, stderr := heir(t, []*os.File{file}, []string{"LISTEN_FDS=1"},
		"upper", "--listen", "127.0.0.1:0", "--route", at+"=upper", "--control", path, "--supervise", "--takeover")
	in := json.NewDecoder(stdout)
	nextReports(t, in, eventTookOver, 1)
	old.ends()
	for again := range 2 {
		for _, r := range nextReports(t, in, wasmhost.EventServing, 2) {
			if r.Route != "tcp://"+at && r.Route != "tcp://"+old.addresses[0] {
				t.Errorf("host %d serves on %s", again, r.Route)
			}
		}
		upperAt(t, "tcp", at)
		upperAt(t, "tcp", old.addresses[0])
		if again == 0 {
			check(t, syscall.Kill(statusAt(t, path).PID, syscall.SIGKILL))
		}
	}
	endsAsTold(t, cmd, stdout, stderr)
}

// TestNobodyHasWhatARestartedHostDoesNotServe: its configuration file says less
// than that of the one before.
func TestNobodyHasWhatARestartedHostDoesNotServe(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	path, file := controlSocket(t), filepath.Join(t.TempDir(), "f.toml")
	const one, other = "[[route]]\nlisten = '127.0.0.1:0'\nhandler = 'upper'\n", "[[route]]\nlisten = 'localhost:0'\nhandler = 'upper'\n"
	check(t, os.WriteFile(file, []byte(one+other), 0o600))
	cmd, stdout, stderr := heir(t, nil, nil, "-f", file, "--no-watch", "--control", path, "--supervise")
	in := json.NewDecoder(stdout)
	serve := nextReports(t, in, wasmhost.EventServing, 2)
	check(t, os.WriteFile(file, []byte(one), 0o600))
	check(t, syscall.Kill(statusAt(t, path).PID, syscall.SIGKILL))
	stays := nextReports(t, in, wasmhost.EventServing, 1)[0].Route
	for _, r := range serve {
		c, err := net.DialTimeout("tcp", strings.TrimPrefix(r.Route, "tcp://"), patience)
		if err == nil {
			_ = c.Close()
		}
		if refused := errors.Is(err, syscall.ECONNREFUSED); refused == (r.Route == stays) || !refused && err != nil {
			t.Errorf("who connects to %s gets %v, and %s is served", r.Route, err, stays)
		}
	}
	endsAsTold(t, cmd, stdout, stderr)
}

// TestAServerThatIsStartedAgainIsNotSucceededAsOneThatIsGone: two would serve,
// side by side. One that was told to end is.
func TestAServerThatIsStartedAgainIsNotSucceededAsOneThatIsGone(t *testing.T) {
	slow, _ := plugins.Open("upper-go")
	file := filepath.Join(t.TempDir(), "slow.wasm")
	check(t, os.WriteFile(file, slow, 0o666))
	s := startSupervised(t, "command", marked("v001"), "--supervise")
	succeed := func() (*exec.Cmd, io.Reader, *growing) {
		cmd, stdout, stderr := heir(t, nil, nil, file, "--no-cache", "--listen", "127.0.0.1:0", "--control", s.control, "--takeover")
		(&hostProcess{t: t, cmd: cmd}).waitForCompiler() // it has the sockets
		return cmd, stdout, stderr
	}
	pid := s.eventuallyPid()
	cmd, stdout, stderr := succeed()
	check(t, syscall.Kill(pid, syscall.SIGKILL))
	_, _ = io.Copy(io.Discard, stdout)
	_ = cmd.Wait()
	want := fmt.Sprintf("✘ cannot take over: process %d died meanwhile, and its supervisor starts it again\n  once that serves, try again\n", pid)
	if cmd.ProcessState.ExitCode() != exitFailed || stderr.String() != want {
		t.Errorf("it ends with %d and says %q", cmd.ProcessState.ExitCode(), stderr)
	}
	s.waitFor(wasmhost.EventServing, 4)
	c := s.dial(0)
	if mark, err := ask(c); mark != "v001" || err != nil {
		t.Errorf("then a client gets %q, %v", mark, err)
	}
	check(t, c.Close())
	pid = s.eventuallyPid()
	_, stdout, _ = succeed()
	check(t, s.cmd.Process.Signal(syscall.SIGTERM))
	s.ends()
	r := nextReports(t, json.NewDecoder(stdout), eventTookOver, 1)[0]
	if r.Text != fmt.Sprintf("took over 1 of 2 sockets from process %d, which has ended", pid) {
		t.Errorf("of one that was told to end it says %q", r.Text)
	}
	upperAt(t, "tcp", s.addresses[0])
}
