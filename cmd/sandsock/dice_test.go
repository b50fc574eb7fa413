package main_test

import (
	"io"
	"strings"
	"testing"
)

// TestWhatAGoHandlerDrawsBeforeAConnectionAllConnectionsShare holds the SDK's
// Rand against all else that a Go handler has for chance.
func TestWhatAGoHandlerDrawsBeforeAConnectionAllConnectionsShare(t *testing.T) {
	w := serving(t, "dice", buildGuest(t, "dice"))
	one, two := w.throw(), w.throw()
	for name, shared := range map[string]bool{
		"initialized": true, "math/rand": true, "maphash": true,
		"guest.Rand": false, "guest.RandSource": false, "crypto/rand": false,
	} {
		if one[name] == "" || (one[name] == two[name]) != shared {
			t.Errorf("%s: two connections draw %q and %q, shared is %v", name, one[name], two[name], shared)
		}
	}
	const want = "draws randomness before its first connection, 16 bytes, "
	if len(w.warned) != 1 || !strings.HasPrefix(w.warned[0], want) {
		t.Errorf("the warnings are %q, want one that %s", w.warned, want)
	}
}

// throw returns what one connection drew, by name.
func (w *world) throw() map[string]string {
	w.t.Helper()
	c := w.dial()
	defer c.Close()
	text, err := io.ReadAll(c)
	check(w.t, err)
	drawn := map[string]string{}
	for line := range strings.Lines(string(text)) {
		name, what, _ := strings.Cut(strings.TrimSpace(line), " ")
		drawn[name] = what
	}
	return drawn
}

// TestAHandlerThatDrawsNothingBeforeAConnectionIsNotWarnedOf shows that what
// Go's runtime draws for itself is known by its measure.
func TestAHandlerThatDrawsNothingBeforeAConnectionIsNotWarnedOf(t *testing.T) {
	for name := range handlers {
		if w := bundled(t, name); len(w.warned) != 0 {
			t.Errorf("%s: %q", name, w.warned)
		}
	}
}
