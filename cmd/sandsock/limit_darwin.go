package main

import (
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// limitThisProcess bounds a process that compiles: its processor time should
// nobody be left to end it, and what it leaves when it crashes. macOS does not
// keep limits of memory.
func limitThisProcess(_ int64, wall time.Duration) error {
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, niceness)
	if err := unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{}); err != nil {
		return err
	}
	seconds := uint64((compileCPUs*wall + 5*time.Second).Seconds())
	return unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: seconds, Max: seconds})
}

const niceness = 10

// lowerPriority has nothing to do: the process does it itself.
func lowerPriority(*exec.Cmd) {}
