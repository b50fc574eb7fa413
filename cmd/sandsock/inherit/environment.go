package inherit

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/sandsock/sandsock/core"
)

// The variables of sd_listen_fds(3).
const (
	variableCount = "LISTEN_FDS"
	variableNames = "LISTEN_FDNAMES"
	variablePID   = "LISTEN_PID"
)

// FirstDescriptor is SD_LISTEN_FDS_START.
const FirstDescriptor = 3

// mostDescriptors is more than anybody hands over.
const mostDescriptors = 1024

// Sockets returns what this process inherited, and takes the variables out of
// its environment, so that no child believes them. With an error, which is one
// sentence, there is no socket: it is all of them or none.
func Sockets() (set Set, err error) {
	names, err := Descriptors()
	for _, name := range []string{variableCount, variableNames, variablePID} {
		_ = os.Unsetenv(name)
	}
	for i, name := range names {
		s, err := FromFileno(FirstDescriptor+i, name)
		if err != nil {
			set.Close()
			return nil, wrong(FirstDescriptor+i, err)
		}
		s.Shared = true
		set = append(set, s)
	}
	return set, err
}

// Descriptors returns the names of the descriptors that this process inherited,
// from FirstDescriptor on: empty ones where they have none. Where LISTEN_PID is
// another process's they were not meant for this one. The error is one sentence.
func Descriptors() (names []string, err error) {
	count, all, pid := os.Getenv(variableCount), os.Getenv(variableNames), os.Getenv(variablePID)
	if count == "" {
		return nil, nil
	}
	n, err := strconv.Atoi(count)
	if err != nil || n < 0 || n > mostDescriptors {
		return nil, fmt.Errorf("%s=%q: it is how many sockets are inherited, a whole number up to %d", variableCount, count, mostDescriptors)
	}
	if pid != "" {
		switch of, err := strconv.Atoi(pid); {
		case err != nil || of <= 0:
			return nil, fmt.Errorf("%s=%q: it is the number of a process", variablePID, pid)
		case of != os.Getpid():
			return nil, nil
		}
	}
	if all == "" {
		return make([]string, n), nil
	}
	if names = strings.Split(all, ":"); len(names) != n {
		return nil, fmt.Errorf("%s has %d names, and %s is %d", variableNames, len(names), variableCount, n)
	}
	return names, nil
}

func wrong(fd int, err error) error {
	switch core.AsErrno(err) {
	case core.EBADF:
		err = errors.New("it is not open")
	case core.ENOTSOCK:
		err = errors.New("it is no socket")
	case core.EAFNOSUPPORT, core.ESOCKTNOSUPPORT, core.EINVAL:
		err = errors.New("it is no socket of TCP or UDP")
	}
	return fmt.Errorf("descriptor %d, by %s: %w", fd, variableCount, err)
}
