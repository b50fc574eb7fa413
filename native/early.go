//go:build linux || darwin || freebsd || windows

package native

import "github.com/sandsock/sandsock/core"

// isEarly reports whether an error can come before the call would have been
// made in CPython, which with a timeout waits until poll(2) has something and
// calls then. Here the call comes first, so such an error counts only if
// poll(2) has something; else it is as good as EAGAIN. See sock_call_impl in
// CPython's Modules/socketmodule.c.
//
// These errors tell what the socket, or the process, is, and the call gives
// them again. An error that tells what has happened does not belong here: the
// call has taken it off the socket, and poll(2) may have nothing any more.
func isEarly(err core.Errno) bool {
	switch err {
	case core.ENOTCONN, core.EPIPE, core.ENOTSUP, core.EINVAL, core.EDESTADDRREQ, core.EMFILE, core.ENFILE:
		return true
	}
	return false
}
