package populate

import (
	"os"
	"runtime"
	"runtime/debug"
	"unsafe"

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

// Touch reads what a range of addresses begins with and each of its pages after
// that, between which a goroutine can be stopped. A page that the system has
// made may cost its fault yet, where a hypervisor is below: that is seen by who
// touches it outside of the system first. It reports whether all of the range
// is there; what no longer is does no harm.
func Touch(from, size uintptr) (there bool) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() { there = recover() == nil }()
	var sum byte
	for at := from; at < from+size; at = pageAt(at + 1) {
		sum += *(*byte)(unsafe.Add(nil, at))
	}
	runtime.KeepAlive(sum) // or nothing need be read
	return true
}

// pageAt is where the first page begins from an address on.
func pageAt(from uintptr) uintptr {
	page := uintptr(os.Getpagesize())
	return (from + page - 1) &^ (page - 1)
}
