// Package populate makes the pages of memory that is about to be written, all at
// once: else each is a page fault, which costs a hundred times what the page
// does where a hypervisor is below.
//
// It makes system calls, and never runs guest code. Where the system has no call
// for it, everything is as without.
package populate

import "unsafe"

// Make is make([]byte, size, room), where size bytes have their pages.
func Make(size, room int) []byte {
	memory := make([]byte, size, room)
	Range(Address(memory), uintptr(size))
	return memory
}

// Address is where a slice begins.
func Address(p []byte) uintptr { return uintptr(unsafe.Pointer(unsafe.SliceData(p))) }
