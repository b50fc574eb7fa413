package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// statusAt is what a server answers there.
func statusAt(t *testing.T, path string) control.Status {
	t.Helper()
	a, err := control.AskOnce(t.Context(), path, control.Request{Do: control.DoStatus})
	check(t, err)
	return *a.Status
}

// isAskedAt returns once a server is the one that is asked: it serves a little
// before.
func (h *hostProcess) isAskedAt(path func() string) {
	h.t.Helper()
	coretest.Eventually(h.t, patience, "another is asked", func() bool {
		a, err := control.AskOnce(h.t.Context(), path(), control.Request{Do: control.DoStatus})
		return err == nil && a.Status.PID == h.cmd.Process.Pid
	})
}

// said runs a command that asks a server, and returns what it prints.
func said(t *testing.T, args ...string) string {
	t.Helper()
	var out, talk strings.Builder
	if code := run(args, strings.NewReader(""), &out, &talk, nil); code != exitWell {
		t.Errorf("%v ends with %d: %s", args, code, talk.String())
	}
	return out.String()
}

// TestWhoWasSucceededIsSeenToDrain by who asks the one that serves, also where
// that was succeeded in turn, and can be asked itself: to end.
func TestWhoWasSucceededIsSeenToDrain(t *testing.T) {
	for _, place := range []string{"a path", "the user's folder"} {
		t.Run(place, func(t *testing.T) {
			var flags []string
			dir := t.TempDir()
			t.Setenv(userRuntime, dir)
			serves := func() string {
				if all := control.Find(); len(all) == 1 {
					return all[0]
				}
				return "" // one of them is about to be aside
			}
			if path := controlSocket(t); place == "a path" {
				dir, flags, serves = filepath.Dir(path), []string{"--control", path}, func() string { return path }
			}
			first, _ := startServe(t, marked("v001"), flags...)
			stays := first.dial(0)
			_, err := ask(stays)
			check(t, err)
			was := serves()
			next, _ := startServe(t, marked("v002"), append(flags, "--takeover")...)
			aside := fmt.Sprintf("%s.%d", was, first.cmd.Process.Pid)
			if r := next.waitFor(eventTookOver, 1); !strings.HasSuffix(r.Text, ", which drains 1 connection: sandsock status --control "+aside) {
				t.Errorf("who comes says %q", r.Text)
			}
			next.isAskedAt(serves)
			second, _ := startServe(t, marked("v003"), append(flags, "--takeover")...)
			next.succeeds()
			second.isAskedAt(serves)
			want := control.Before{PID: first.cmd.Process.Pid, Control: aside}
			now := statusAt(t, serves())
			if now.PID != second.cmd.Process.Pid || len(now.Before) != 1 || now.Before[0] != want {
				t.Errorf("the status has %+v, want %+v", now.Before, want)
			}
			line := fmt.Sprintf("process %d, which it succeeded, drains 1 connection: sandsock status --control %s\n", want.PID, aside)
			if text := said(t, "status", "--control", serves()); !strings.Contains(text, line) {
				t.Errorf("the status is %q", text)
			}
			if s := statusAt(t, aside); s.PID != want.PID || !s.Draining || s.Open() != 1 || len(s.Before) > 0 {
				t.Errorf("its own status is %+v", s)
			}
			said(t, "drain", "--cut", "--control", aside)
			if first.ends() != exitInterrupted || first.count(wasmhost.EventStopped) != 1 {
				t.Errorf("it says %q", first.stderr.String())
			}
			if now := statusAt(t, serves()); len(now.Before) > 0 {
				t.Errorf("the status still has %+v", now.Before)
			}
			said(t, "drain", "--control", serves())
			second.succeeds()
			if left := files(t, dir); len(left) > 0 {
				t.Errorf("left is %v", left)
			}
		})
	}
}

// files are those below a folder that are none themselves.
func files(t *testing.T, dir string) (names []string) {
	t.Helper()
	check(t, filepath.WalkDir(dir, func(path string, e os.DirEntry, err error) error {
		if err == nil && !e.IsDir() {
			names = append(names, path)
		}
		return err
	}))
	return names
}

// TestWhoDrainsAndIsStoppedIsToldOf: it does not hold up the status for long.
func TestWhoDrainsAndIsStoppedIsToldOf(t *testing.T) {
	path := controlSocket(t)
	first, _ := startServe(t, marked("v001"), "--control", path)
	_, err := ask(first.dial(0))
	check(t, err)
	next, _ := startServe(t, marked("v002"), "--control", path, "--takeover")
	next.waitFor(eventTookOver, 1)
	next.isAskedAt(func() string { return path })
	first.stop()
	asked := time.Now()
	want := fmt.Sprintf("process %d, which it succeeded, does not answer: ", first.cmd.Process.Pid)
	if text := said(t, "status", "--control", path); !strings.Contains(text, want) {
		t.Errorf("after %v the status is %q", time.Since(asked), text)
	}
}

// TestASuccessorThatCannotHaveThePathSaysWhereItIsAsked: somebody has put
// something else there meanwhile.
func TestASuccessorThatCannotHaveThePathSaysWhereItIsAsked(t *testing.T) {
	path := controlSocket(t)
	old, _ := startServe(t, marked("v001"), "--control", path)
	slow, _ := plugins.Open("upper-go")
	file := filepath.Join(t.TempDir(), "slow.wasm")
	check(t, os.WriteFile(file, slow, 0o666))
	cmd, stdout, _ := heir(t, nil, nil, file, "--no-cache", "--listen", "127.0.0.1:0", "--control", path, "--takeover")
	(&hostProcess{t: t, cmd: cmd}).waitForCompiler() // it has asked
	check(t, os.Remove(path))
	check(t, os.Mkdir(path, 0o700))
	in := json.NewDecoder(stdout)
	beside := fmt.Sprintf("%s.%d", path, cmd.Process.Pid)
	if r := nextReports(t, in, wasmhost.EventTrouble, 1)[0]; r.Error != "is asked on "+beside+", for it cannot have "+path+": file exists" {
		t.Errorf("it says %q", r.Error)
	}
	if s := statusAt(t, beside); s.PID != cmd.Process.Pid {
		t.Errorf("process %d answers", s.PID)
	}
	old.ends()
	upperAt(t, "tcp", old.addresses[0])
}
