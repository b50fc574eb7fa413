package main

import (
	"os/exec"
	"time"

	"golang.org/x/sys/unix"
)

// limitThisProcess bounds a process that compiles: its memory, its processor
// time should nobody be left to end it, and what it leaves when it crashes.
//
// RLIMIT_AS, of setrlimit(2), counts addresses: what Go reserves without using
// it comes on top.
func limitThisProcess(memory int64, wall time.Duration) error {
	const reserved = 2 << 30
	_ = unix.Setpriority(unix.PRIO_PROCESS, 0, niceness)
	for _, l := range []struct {
		resource int
		most     int64
	}{
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_CPU, int64((compileCPUs*wall + 5*time.Second).Seconds())},
		{unix.RLIMIT_AS, memory + reserved},
	} {
		var now unix.Rlimit
		if err := unix.Getrlimit(l.resource, &now); err != nil {
			return err
		}
		most := min(l.most, now.Max)
		if err := unix.Setrlimit(l.resource, &unix.Rlimit{Cur: most, Max: most}); err != nil {
			return err
		}
	}
	return nil
}

const niceness = 10

// lowerPriority has nothing to do: the process does it itself.
func lowerPriority(*exec.Cmd) {}
