package native

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"

	"github.com/sandsock/sandsock/core"
)

// errnos holds the contract's number for each of Winsock's, by the table's
// own column, and for the few of Windows itself that Winsock's functions
// return. A number that is not here is EIO. What a number means in one call
// alone, WSAEWOULDBLOCK of connect for example, that call says.
var errnos = func() map[syscall.Errno]core.Errno {
	table := map[syscall.Errno]core.Errno{
		windows.ERROR_INVALID_HANDLE:      core.EBADF,
		windows.ERROR_NOT_ENOUGH_MEMORY:   core.ENOMEM,
		windows.ERROR_INVALID_PARAMETER:   core.EINVAL,
		windows.ERROR_TOO_MANY_OPEN_FILES: core.EMFILE,
	}
	for _, info := range core.Errnos {
		resolver := core.EAI_BADFLAGS <= info.Errno && info.Errno <= core.EAI_SYSTEM // some share a number
		if info.Windows > 10000 && !resolver {
			table[syscall.Errno(info.Windows)] = info.Errno
		}
	}
	return table
}()

// coreErrno returns the contract's number of a call's error, 0 for nil.
func coreErrno(err error) core.Errno {
	if err == nil {
		return 0
	}
	var number syscall.Errno
	if !errors.As(err, &number) {
		return core.AsErrno(err)
	}
	if errno, ok := errnos[number]; ok {
		return errno
	}
	return core.EIO
}

// coreError is coreErrno as an error.
func coreError(err error) error {
	if errno := coreErrno(err); errno != 0 {
		return errno
	}
	return nil
}
