//go:build unix

package supervise

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// inherit keeps what was left to this process itself, as sd_listen_fds(3) has
// it, for those that it will start. What is no socket they would not take.
func (s *store) inherit() error {
	count, names := os.Getenv("LISTEN_FDS"), strings.Split(os.Getenv("LISTEN_FDNAMES"), ":")
	if pid := os.Getenv("LISTEN_PID"); count == "" || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > mostKept {
		return fmt.Errorf("LISTEN_FDS=%q: it is how many sockets are inherited", count)
	}
	for i := range n {
		name := ""
		if len(names) == n {
			name = names[i]
		}
		unix.CloseOnExec(firstDescriptor + i)
		s.add(name, firstDescriptor+i)
	}
	return nil
}
