//go:build linux || darwin || freebsd

package native

import (
	"errors"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// errnos holds the contract's number for each of the system's. It is made by
// name, so that each system's own numbers come from its own tables: FreeBSD's
// are not Darwin's. A number without a name in the contract is EIO.
var errnos = func() (table [256]core.Errno) {
	// Names for the same number on Linux, and what systems call it instead.
	names := map[string]core.Errno{"EOPNOTSUPP": core.ENOTSUP, "EWOULDBLOCK": core.EAGAIN}
	for _, info := range core.Errnos {
		names[info.Name] = info.Errno
	}
	for number := 1; number < len(table); number++ {
		table[number] = core.EIO
		if errno, ok := names[unix.ErrnoName(syscall.Errno(number))]; ok {
			table[number] = errno
		}
	}
	return table
}()

// coreErrno returns the contract's number of a system call's error, 0 for nil.
func coreErrno(err error) core.Errno {
	if err == nil {
		return 0
	}
	number, ok := err.(syscall.Errno)
	if !ok && !errors.As(err, &number) {
		return core.AsErrno(err)
	}
	if int(number) >= len(errnos) {
		return core.EIO
	}
	return errnos[number]
}

// coreError is coreErrno as an error. The interface holds small numbers, EAGAIN
// among them, without allocating.
func coreError(err error) error {
	if errno := coreErrno(err); errno != 0 {
		return errno
	}
	return nil
}
