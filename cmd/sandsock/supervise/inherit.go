//go:build unix

package supervise

import (
	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
)

// inherit keeps what was left to this process itself for those that it will
// start: whoever left it may have it, too. What is no socket they would not take.
func (s *store) inherit() error {
	names, err := inherit.Descriptors()
	for i, name := range names {
		unix.CloseOnExec(inherit.FirstDescriptor + i)
		s.add(name, inherit.FirstDescriptor+i, true)
	}
	return err
}
