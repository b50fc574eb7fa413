package wasmhost

import (
	"context"
	"strings"
	"testing"
)

func TestAnIndexPastTheModulesOwnReachesWhatWasInjectedOnlyWithoutAdmission(t *testing.T) {
	// global.set 1 of a module that has no globals: the stack that is left.
	file := handlerOf(code([]byte{0x42, 42, 0x24, 1}, i32Const(0)))
	f := newFixture(t, nil)
	_, err := f.Load(context.Background(), "forger", file)
	if err == nil || !strings.Contains(err.Error(), "global 1") {
		t.Errorf("loading it is %v", err)
	}
	f = newFixture(t, func(c *Config) { c.Without = DefenceAdmission })
	g := f.newInstance(settings{plugin: f.load("forger", file)})
	defer g.close()
	must(t, g.instantiate())
	if _, err := g.call("handle", 0); err != nil {
		t.Fatal(ending(err))
	}
	if left := g.stack.Get(); left != 42 {
		t.Errorf("%d of stack are left, and the guest wrote 42", left)
	}
}

func TestAMemoryGrowsPastItsLimitOnlyWithoutTheDefence(t *testing.T) {
	// handle grows the memory by 16 pages and returns its old size, or -1.
	file := []byte("\x00asm\x01\x00\x00\x00" +
		"\x01\x06\x01\x60\x01\x7f\x01\x7f" + "\x03\x02\x01\x00" + "\x05\x03\x01\x00\x01" +
		"\x07\x13\x02\x06handle\x00\x00\x06memory\x02\x00" + "\x0a\x08\x01\x06\x00\x41\x10\x40\x00\x0b")
	for _, tt := range []struct {
		without Defences
		want    int32
	}{{0, -1}, {DefenceMemory, 1}} {
		f := newFixture(t, func(c *Config) { c.Limits.Memory, c.Without = 1<<20, tt.without })
		g := f.newInstance(settings{plugin: f.load("grows", file)})
		must(t, g.instantiate())
		results, err := g.call("handle", 0)
		must(t, ending(err))
		if got := int32(uint32(results[0])); got != tt.want {
			t.Errorf("without %d: memory.grow = %d, want %d", tt.without, got, tt.want)
		}
		g.close()
	}
}
