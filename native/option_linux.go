package native

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core"
)

// placeOf returns the system's numbers of an option. The contract's are
// Linux's.
func placeOf(o core.Option) (level, option int, err error) {
	return o.Level, o.Option, nil
}

// getOption returns a value whole, however long. It is a system call of its
// own because unix.GetsockoptString ends at the first zero byte.
func getOption(_ *socket, fd int, o core.Option) ([]byte, error) {
	room := make([]byte, 1024) // more than any option has; tcp_info grows
	size := uint32(len(room))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(fd), uintptr(o.Level), uintptr(o.Option),
		uintptr(unsafe.Pointer(&room[0])), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return nil, errno
	}
	return room[:size], nil
}
