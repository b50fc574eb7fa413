//go:build unix

package supervise

import (
	"io"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
)

// lifeline is the environment variable that gives a supervised process the
// number of a descriptor that ends, as a pipe does, when its supervisor is gone.
const lifeline = "SANDSOCK_SUPERVISOR"

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
