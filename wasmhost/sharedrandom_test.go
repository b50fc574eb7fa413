package wasmhost

import (
	"fmt"
	"strings"
	"testing"
)

func TestWhatIsDrawnBeforeTheSnapshotIsReportedOnce(t *testing.T) {
	producers := func(language string) []byte {
		return custom("producers", "\x01\x08language\x01"+string(vec([]byte(language)))+"\x061.26.8")
	}
	for _, tt := range []struct {
		name    string
		drawn   int32
		section []byte
		said    int // bytes; 0 for no warning
	}{
		{"nothing", 0, nil, 0},
		{"a byte", 1, nil, 1},
		{"what Go's runtime draws, but not of Go", 32, producers("Rust"), 32},
		{"what Go's runtime draws", 32, producers("Go"), 0},
		{"more than Go's runtime draws", 48, producers("Go"), 16},
		{"from a plugin that asks for a fresh start", 8, custom(freshSection, ""), 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t, nil)
			_, address := f.serve(RouteConfig{Plugin: f.load("seer", append(seer(tt.drawn), tt.section...))})
			for range 2 {
				receiveAll(t, f.dial(address))
			}
			f.waitEnded(t, 2)
			if n := f.reports.count(EventWarning); n != min(tt.said, 1) {
				t.Fatalf("%d warnings", n)
			}
			if tt.said == 0 {
				return
			}
			r := f.reports.wait(t, EventWarning)
			if want := fmt.Sprintf("before its first connection, %d bytes, ", tt.said); r.Handler != "seer" || !strings.Contains(r.Error, want) {
				t.Errorf("the warning is %+v", r)
			}
		})
	}
}

// seer is a handler that draws random bytes in _initialize, and as many again
// for each connection.
func seer(n int32) []byte {
	random := hostFunction("random_get")
	var w wasm
	w.importFunc(random.module, random.name, w.typ(random.params, random.results))
	draw := code(i32Const(bufferAt), i32Const(n), callFunc(0), drop)
	w.later("_initialize", w.typ(nil, nil), draw)
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(draw, i32Const(0)))
	return w.bytes()
}
