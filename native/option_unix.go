//go:build linux || darwin || freebsd

package native

import (
	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

func setOption(fd int, o core.Option, value []byte) error {
	level, option, err := placeOf(o)
	if err != nil {
		return err
	}
	// The contract's layouts are those of the system's structures on every
	// processor this package runs on. A string is how unix takes raw bytes.
	return unix.SetsockoptString(fd, level, option, string(value))
}
