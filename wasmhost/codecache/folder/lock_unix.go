//go:build darwin || freebsd || linux

package folder

import (
	"os"
	"syscall"
)

// lock locks what was opened until it is closed. The error is errTaken where
// another has the lock.
func lock(opened *os.File) error {
	raw, err := opened.SyscallConn()
	if err != nil {
		return err
	}
	locked := raw.Control(func(fd uintptr) { err = syscall.Flock(int(fd), syscall.LOCK_EX|syscall.LOCK_NB) })
	switch {
	case locked != nil:
		return locked
	case err == syscall.EWOULDBLOCK:
		return errTaken
	}
	return err
}
