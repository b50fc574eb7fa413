//go:build unix

package codecache

import "syscall"

// withoutWaiting has open(2) return at once, also of a pipe.
const withoutWaiting = syscall.O_NONBLOCK
