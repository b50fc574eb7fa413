//go:build !linux

package follow

// beingWritten reports whether some process has a file open to write it, and
// whether that is known.
func beingWritten(string) (writer, known bool) { return false, false }
