package tour

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Memory is what the process that is attacked may have beside what it begins
// with, in bytes, and computing the seconds that it may compute, whoever
// watches it.
const (
	Memory    = 512 << 20
	computing = 60
)

// confine makes the system end this process before it harms others. The limit
// is of address space, since that of data (RLIMIT_DATA) does not count what
// Go's heap has reserved before.
func confine() error {
	has, err := ofStatus("self", "VmSize")
	if err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: computing, Max: computing}); err != nil {
		return err
	}
	most := uint64(has) + Memory
	return syscall.Setrlimit(syscall.RLIMIT_AS, &syscall.Rlimit{Cur: most, Max: most})
}

// peak is the most memory that a process has had at a time, in bytes.
func peak(pid int) (int64, error) { return ofStatus(strconv.Itoa(pid), "VmHWM") }

// ofStatus is a number of bytes of /proc/PID/status: see proc_pid_status(5).
func ofStatus(pid, field string) (int64, error) {
	status, err := os.ReadFile("/proc/" + pid + "/status")
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "\n"+field+":")
	line, _, _ := strings.Cut(rest, "\n")
	kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(line, "kB")), 10, 64)
	return kilobytes << 10, err
}
