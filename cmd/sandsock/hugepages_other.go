//go:build !linux

package main

// prepareMemory has nothing to do: FreeBSD's kernel makes large pages on its
// own, and the others have none to ask for.
func prepareMemory() {}
