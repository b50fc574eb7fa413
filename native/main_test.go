//go:build linux || darwin || freebsd

package native

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	// The runtime's own descriptors come with the first socket.
	s, err := Network{}.Socket(2, 1, 0)
	if err == nil {
		err = s.Close()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	before := openDescriptors()
	code := m.Run()
	if after := openDescriptors(); code == 0 && len(after) > len(before) {
		fmt.Fprintln(os.Stderr, "descriptors left open:", after, "before:", before)
		code = 1
	}
	if err := goleak.Find(); code == 0 && err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

// openDescriptors returns what the process has open, nothing where the system
// does not show it.
func openDescriptors() (names []string) {
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return nil
	}
	for _, entry := range entries {
		if name, err := os.Readlink("/proc/self/fd/" + entry.Name()); err == nil {
			names = append(names, name)
		}
	}
	return names
}
