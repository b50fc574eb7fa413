//go:build unix

package supervise

import (
	"io"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// lifeline is the environment variable that gives a supervised process the
// number of a descriptor that ends, as a pipe does, when its supervisor is gone,
// with a + behind it where the supervisor itself inherited sockets.
const lifeline = "SANDSOCK_SUPERVISOR"

// IsSupervised reports whether a supervisor of this package started the process,
// until Guard is called.
func IsSupervised() bool { return os.Getenv(lifeline) != "" }

// Guard calls gone, from a goroutine of its own, when the supervisor that
// started this process is no more, and takes what it left out of the
// environment; end ends the watch. Alone reports that there is one, and that
// nobody but it and this process has the sockets it keeps.
func Guard(gone func()) (end func(), alone bool) {
	text, inherited := strings.CutSuffix(os.Getenv(lifeline), "+")
	descriptor, err := strconv.Atoi(text)
	_ = os.Unsetenv(lifeline)
	if err != nil || descriptor < firstDescriptor || unix.SetNonblock(descriptor, true) != nil {
		return func() {}, false
	}
	unix.CloseOnExec(descriptor)
	pipe := os.NewFile(uintptr(descriptor), "supervisor")
	over := make(chan struct{})
	go func() {
		defer close(over)
		if _, err := io.Copy(io.Discard, pipe); err == nil {
			gone()
		}
	}()
	return func() {
		_ = pipe.Close()
		<-over
	}, !inherited
}
