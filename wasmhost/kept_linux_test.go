package wasmhost

import (
	"context"
	"os"
	"testing"

	"github.com/sandsock/sandsock/core/coretest"
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
		coretest.WithDescriptors(t, left, func() {
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
