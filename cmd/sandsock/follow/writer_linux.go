package follow

import "golang.org/x/sys/unix"

// beingWritten reports whether some process has a file open to write it, and
// whether that is known. The kernel tells by granting a lease to read, which
// it does not where there is a writer (fcntl(2), F_SETLEASE): to the file's
// owner, on most file systems. The lease is given back at once.
func beingWritten(name string) (writer, known bool) {
	file, err := open(name)
	if err != nil {
		return false, false
	}
	defer file.Close()
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return false, false
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return false, false
	}
	_ = raw.Control(func(fd uintptr) {
		_, err = unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_RDLCK)
		if err == nil {
			_, _ = unix.FcntlInt(fd, unix.F_SETLEASE, unix.F_UNLCK)
		}
	})
	return err == unix.EAGAIN, err == nil || err == unix.EAGAIN
}
