package main

import (
	"os"
	"os/exec"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// limitThisProcess bounds a process that compiles: its memory, its processor
// time should nobody be left to end it, and what it leaves when it crashes.
//
// RLIMIT_DATA counts writable private memory (getrlimit(2), since Linux 4.7).
// RLIMIT_AS would count what Go reserves without using it, too, which is more
// than a small compilation takes.
func limitThisProcess(memory int64, wall time.Duration) error {
	lowerThreads()
	for _, l := range []struct {
		resource int
		most     uint64
	}{
		{unix.RLIMIT_CORE, 0},
		{unix.RLIMIT_CPU, uint64((compileCPUs*wall + 5*time.Second).Seconds())},
		{unix.RLIMIT_DATA, uint64(memory)},
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

// lowerThreads lets everybody else go first. Linux has a priority for each
// thread, which those it starts begin with; so they are looked through until
// there is none new.
func lowerThreads() {
	lowered := map[string]bool{}
	for again := true; again; {
		again = false
		threads, _ := os.ReadDir("/proc/self/task")
		for _, thread := range threads {
			if id, err := strconv.Atoi(thread.Name()); err == nil && !lowered[thread.Name()] {
				_ = unix.Setpriority(unix.PRIO_PROCESS, id, niceness)
				lowered[thread.Name()], again = true, true
			}
		}
	}
}

const niceness = 10

// lowerPriority has nothing to do: the process does it itself.
func lowerPriority(*exec.Cmd) {}
