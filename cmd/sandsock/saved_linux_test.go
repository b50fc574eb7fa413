package main

import (
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/wasmhost"
)

// TestAHandlerThatWasSetAsideIsSwappedForItself: to save it again, as it is,
// is to have it tried again.
func TestAHandlerThatWasSetAsideIsSwappedForItself(t *testing.T) {
	content := traps().module()
	h, file := startServe(t, content, "--no-cache")
	aside := func(r wasmhost.Report) bool { return strings.HasPrefix(r.Error, "set aside for ") }
	for n := range 4 { // for longer each time: the first second may be over before the file is read
		for range 5 { // in a row, which is enough
			c := h.dial(0)
			_, _ = c.Write([]byte{0})
			_, _ = c.Read(make([]byte, 2)) // or it ends
			check(t, c.Close())
		}
		if len(h.seen(n+1, patience, aside)) <= n {
			t.Fatal("it is not set aside")
		}
		rename(t, file, content)
		if len(h.seen(1, 5*time.Second, event(wasmhost.EventSwapped, "tcp://"+h.addresses[0]))) == 1 {
			break
		}
	}
	if r := h.waitFor(wasmhost.EventSwapped, 1); r.Version != 2 || r.Digest != wasmhost.Digest(content) {
		t.Errorf("swapped to %+v", r)
	}
}
