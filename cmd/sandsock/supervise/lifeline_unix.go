//go:build unix

package supervise

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
)

// lifeline is the environment variable that gives a supervised process the
// number of a descriptor that ends, as a pipe does, when its supervisor is gone.
const lifeline = "SANDSOCK_SUPERVISOR"

// served is the environment variable of a process whose supervisor had one that
// served.
const served = "SANDSOCK_SERVED"

// Served takes that variable out of the environment, and reports whether the
// process comes after another that served.
func Served() bool {
	defer os.Unsetenv(served)
	return os.Getenv(served) != ""
}

// sharedSockets is the environment variable that says which of the sockets of
// LISTEN_FDS the supervisor itself has from somebody, who may have them still.
const sharedSockets = "SANDSOCK_SHARED"

// Shared takes that variable out of the environment, and returns the numbers of
// those sockets, from 0. The others are this process's alone, once the
// supervisor lets go of them.
func Shared() map[int]bool {
	shared := map[int]bool{}
	for text := range strings.SplitSeq(os.Getenv(sharedSockets), ":") {
		if n, err := strconv.Atoi(text); err == nil {
			shared[n] = true
		}
	}
	_ = os.Unsetenv(sharedSockets)
	return shared
}

// IsSupervised reports whether a supervisor of this package started the process,
// until Guard is called.
func IsSupervised() bool { return os.Getenv(lifeline) != "" }

// Guard calls gone, from a goroutine of its own, when the supervisor that
// started this process is no more, and takes what it left out of the
// environment. What it returns ends that. It is to be called before NOTIFY_SOCKET
// is taken out of the environment: that file is left by a supervisor that was
// killed, and removed here.
func Guard(gone func()) (end func()) {
	descriptor, err := strconv.Atoi(os.Getenv(lifeline))
	_ = os.Unsetenv(lifeline)
	if err != nil || descriptor < inherit.FirstDescriptor || unix.SetNonblock(descriptor, true) != nil {
		return func() {}
	}
	unix.CloseOnExec(descriptor)
	pipe := os.NewFile(uintptr(descriptor), "supervisor")
	mailbox, over := os.Getenv("NOTIFY_SOCKET"), make(chan struct{})
	go func() {
		defer close(over)
		if _, err := io.Copy(io.Discard, pipe); err == nil {
			_ = os.Remove(mailbox)
			_ = os.Remove(filepath.Dir(mailbox)) // where nothing else is in it
			gone()
		}
	}()
	return func() {
		_ = pipe.Close()
		<-over
	}
}
