package coretest

import (
	"os"
	"syscall"
	"testing"
)

// WithDescriptors does something while the process may open so many descriptors
// more, and no others (getrlimit(2), RLIMIT_NOFILE). Nothing else may open or
// close any meanwhile.
func WithDescriptors(t testing.TB, left int, do func()) {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	var held []*os.File
	for range left + 1 {
		f, err := os.Open(os.DevNull)
		must(err)
		held = append(held, f)
	}
	next := held[left].Fd()
	for _, f := range held {
		must(f.Close())
	}
	var was syscall.Rlimit
	must(syscall.Getrlimit(syscall.RLIMIT_NOFILE, &was))
	must(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{Cur: uint64(next), Max: was.Max}))
	defer func() { must(syscall.Setrlimit(syscall.RLIMIT_NOFILE, &was)) }()
	do()
}
