package follow

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// unprivileged returns what calls a function as somebody who may not read
// everything: for root, on a thread that has the rights of a user who owns
// nothing (setfsuid(2)). It serves no other goroutine, and ends with this one.
func unprivileged(t *testing.T) (as func(do func())) {
	if os.Geteuid() != 0 {
		return itself
	}
	return func(do func()) {
		const nobody = 65534
		runtime.LockOSThread()
		_ = unix.Setfsuid(nobody)
		if now, _ := unix.SetfsuidRetUid(-1); now != nobody {
			t.Errorf("it is still user %d", now)
		}
		do()
	}
}

// letIn lets everybody reach a file in a folder of the test's.
func letIn(t *testing.T, name string) {
	t.Helper()
	for _, folder := range []string{filepath.Dir(name), filepath.Dir(filepath.Dir(name))} {
		if err := os.Chmod(folder, 0o755); err != nil {
			t.Fatal(err)
		}
	}
}
