package main

import (
	"runtime"

	"golang.org/x/sys/unix"
)

// prepareMemory has the heap of a process that compiles begin with huge pages,
// where the system gives them to who asks (madvise(2), MADV_HUGEPAGE): what the
// engine allocates for a guest in Go is touched once, and on a virtual machine
// the first touch of a page costs as much as to compile a small function. See
// RATIONALE.md. Nothing of it is there before it is touched.
func prepareMemory() {
	const most = 128 << 20 // twice what a guest in Go takes
	_ = unix.Madvise(make([]byte, most), unix.MADV_HUGEPAGE)
	runtime.GC() // gives the pages to what comes
}
