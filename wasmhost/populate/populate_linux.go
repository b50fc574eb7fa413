package populate

import (
	"os"

	"golang.org/x/sys/unix"
)

// step is how much is asked for in one call, in bytes: a collection of garbage
// may have to wait for a call that has begun. See ../RATIONALE.md.
const step = 1 << 20

// Range makes the pages that begin in a range of addresses (madvise(2),
// MADV_POPULATE_WRITE, since Linux 5.14). It changes no content, whatever lies
// there, and has no error: without it, the pages come when they are touched.
func Range(from, size uintptr) {
	end := from + size
	for at := pageAt(from); at < end; at += step {
		_, _, _ = unix.Syscall(unix.SYS_MADVISE, at, min(step, end-at), unix.MADV_POPULATE_WRITE)
	}
}

// Huge is [Range], of pages that are huge where the system has such (madvise(2),
// MADV_HUGEPAGE). It may only be used for memory that has no pages yet.
func Huge(from, size uintptr) {
	begin := pageAt(from)
	_, _, _ = unix.Syscall(unix.SYS_MADVISE, begin, from+size-begin, unix.MADV_HUGEPAGE)
	Range(from, size)
}

// pageAt is where the first page begins from an address on.
func pageAt(from uintptr) uintptr {
	page := uintptr(os.Getpagesize())
	return (from + page - 1) &^ (page - 1)
}
