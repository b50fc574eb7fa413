//go:build unix

package control

import (
	"strconv"
	"strings"
	"syscall"
)

// beforeBind gives the socket its mode before it has a name. Linux makes the
// file with it, so that there is no moment in which others may connect
// (unix(7) does not say so; net/unix/af_unix.c does). Others ignore it, and
// there it is the folder that keeps them out.
func beforeBind(_, _ string, c syscall.RawConn) error {
	return c.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) })
}

// dead reports whether there is no process of a socket's name.
func dead(name string) bool {
	number, _, _ := strings.Cut(name, "-")
	pid, err := strconv.Atoi(number)
	return err == nil && pid > 0 && syscall.Kill(pid, 0) == syscall.ESRCH
}
