package wasmhost

import (
	"context"
	"os"
	"testing"

	"golang.org/x/sys/unix"
)

// TestAnEngineWithoutDescriptorsDropsNothing loads what was kept with no
// descriptor left, with one, and so on: what the engine then cannot open is as
// good as ever.
func TestAnEngineWithoutDescriptorsDropsNothing(t *testing.T) {
	file, err := os.ReadFile("../plugins/bin/echo.wasm")
	must(t, err)
	k := &keeper{t: t, dir: t.TempDir()}
	k.host(nil).load("echo", file)
	path := k.kept()[0]
	whole, err := os.Stat(path)
	must(t, err)
	f, failed := k.host(nil), 0
	f.config.Compile = func(context.Context, string, string, []byte) error {
		failed++
		return os.ErrPermission
	}
	for left := range 12 {
		withDescriptors(t, left, func() {
			if p, err := f.Load(context.Background(), "echo", file); err == nil {
				must(t, p.Close())
			}
		})
		if now, err := os.Stat(path); err != nil || !os.SameFile(whole, now) {
			t.Fatalf("with %d descriptors it is dropped: %v", left, err)
		}
	}
	if failed == 0 || failed == 12 {
		t.Errorf("it failed %d times of 12", failed)
	}
}

// withDescriptors does something with so many descriptors left, and no more.
func withDescriptors(t *testing.T, left int, do func()) {
	t.Helper()
	var held []*os.File
	for range left + 1 {
		f, err := os.Open(os.DevNull)
		must(t, err)
		held = append(held, f)
	}
	next := held[left].Fd()
	for _, f := range held {
		must(t, f.Close())
	}
	var was unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_NOFILE, &was))
	must(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: uint64(next), Max: was.Max}))
	defer func() { must(t, unix.Setrlimit(unix.RLIMIT_NOFILE, &was)) }()
	do()
}
