package main

import (
	"strings"
	"testing"

	"github.com/sandsock/sandsock/wasmhost"
)

// TestAHandlerThatWasSetAsideIsSwappedForItself: to save it again, as it is,
// is to have it tried again.
func TestAHandlerThatWasSetAsideIsSwappedForItself(t *testing.T) {
	content := traps().module()
	h, file := startServe(t, content, "--no-cache")
	for range 5 { // in a row, which is enough
		c := h.dial(0)
		_, _ = c.Write([]byte{0})
		_, _ = c.Read(make([]byte, 2)) // or it ends
		check(t, c.Close())
	}
	aside := func(r wasmhost.Report) bool { return strings.HasPrefix(r.Error, "set aside for ") }
	if len(h.seen(1, patience, aside)) == 0 {
		t.Fatal("it is not set aside")
	}
	rename(t, file, content)
	if r := h.waitFor(wasmhost.EventSwapped, 1); r.Version != 2 || r.Digest != wasmhost.Digest(content) {
		t.Errorf("swapped to %+v", r)
	}
}
