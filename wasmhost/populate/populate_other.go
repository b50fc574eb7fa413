//go:build !linux

package populate

// Range does nothing.
func Range(from, size uintptr) {}
