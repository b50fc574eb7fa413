package bench

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// processorTime is how long a process's threads have run, 0 where the system
// does not tell (proc(5), schedstat: nanoseconds, where stat has hundredths of
// a second). What a thread used that has ended is not in it.
func processorTime(pid int) (total time.Duration) {
	threads, _ := filepath.Glob("/proc/" + strconv.Itoa(pid) + "/task/*/schedstat")
	for _, path := range threads {
		text, _ := os.ReadFile(path)
		running, _, _ := strings.Cut(string(text), " ")
		n, _ := strconv.ParseInt(running, 10, 64)
		total += time.Duration(n)
	}
	return total
}
