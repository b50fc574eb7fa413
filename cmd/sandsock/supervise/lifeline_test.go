//go:build unix

package supervise

import (
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"
)

// apart starts a supervisor in a process of its own, with a folder for what is
// temporary.
func apart(t *testing.T) (cmd *exec.Cmd, at, dir string) {
	t.Helper()
	executable, err := os.Executable()
	check(t, err)
	at, dir = freeAddress(t), t.TempDir()
	cmd = exec.Command(executable)
	cmd.Env = append(os.Environ(), played+"=supervisor", address+"="+at, "TMPDIR="+dir)
	check(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, at, dir
}

func TestAHostWithoutASupervisorDrains(t *testing.T) {
	supervisor, at, dir := apart(t)
	c := dial(t, at)
	pid, err := strconv.Atoi(ask(t, c, "pid"))
	check(t, err)
	check(t, supervisor.Process.Kill())
	_ = supervisor.Wait()
	refused(t, at)
	if again := ask(t, c, "pid"); again != strconv.Itoa(pid) {
		t.Errorf("host %s answers", again)
	}
	check(t, c.Close())
	for until := time.Now().Add(patience); syscall.Kill(pid, 0) == nil; {
		if time.Now().After(until) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatal("the host does not end")
		}
	}
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("left is %v, %v", left, err)
	}
}

// It finds a watchdog that has run out and messages that wait, and hears those
// first.
func TestASupervisorThatWasStoppedItselfKillsNobody(t *testing.T) {
	supervisor, at, _ := apart(t)
	c := dial(t, at)
	pid := ask(t, c, "pid")
	check(t, supervisor.Process.Signal(syscall.SIGSTOP))
	<-time.After(2 * silence)
	check(t, supervisor.Process.Signal(syscall.SIGCONT))
	<-time.After(silence / 2)
	if again := ask(t, c, "pid"); again != pid {
		t.Errorf("host %s answers", again)
	}
}
