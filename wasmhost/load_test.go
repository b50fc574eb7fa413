package wasmhost

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/sandsock/sandsock/core/coretest/faults"
)

func TestLoadSaysInOneSentenceWhatIsWrong(t *testing.T) {
	if apart(t) {
		return
	}
	recv := hostFunction("recv")
	renamed, elsewhere, changed := recv, recv, recv
	renamed.name, elsewhere.module, changed.params = "recieve", "sockets", []byte{i32}
	far, longer := recv, recv
	longer.name = "sendfile"
	far.name = "open_the_door"
	valid := handlerOf(i32Const(0))
	var w wasm
	w.pages = 17
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), i32Const(0))
	tests := []struct {
		name string
		file []byte
		want string
	}{
		{"empty", nil, "x.wasm: is empty"},
		{"renamed import", handlerOf(i32Const(0), renamed), `x.wasm: wants "socket.recieve", which this host does not have; did you mean socket.recv?`},
		{"longer import", handlerOf(i32Const(0), longer), `x.wasm: wants "socket.sendfile", which this host does not have; did you mean socket.send?`},
		{"far import", handlerOf(i32Const(0), far), `x.wasm: wants "socket.open_the_door", which this host does not have`},
		{"unknown module", handlerOf(i32Const(0), elsewhere), `x.wasm: wants "sockets.recv", and this host has no module of that name: it has socket and wasi_snapshot_preview1`},
		{"wrong signature", handlerOf(i32Const(0), changed), "x.wasm: imports socket.recv as (i32) -> i32; it is (i32, i32, i32, i32) -> i32"},
		{"no handle", guestOf("other", nil, nil, nil), "x.wasm: does not export handle(i32) -> i32"},
		{"wrong handle", guestOf("handle", []byte{i64}, []byte{i32}, i32Const(0)), "x.wasm: exports handle(i64) -> i32; a handler is handle(i32) -> i32"},
		{"too much memory", w.bytes(), "x.wasm: wants 1088 KiB of memory, and 1 MiB is the limit"},
		{"type error in the code", handlerOf([]byte{0x42, 0}), `x.wasm: function 0, "handle", has end on i64 where i32 is needed (at byte 0x39)`},
		{"cut short", valid[:len(valid)-1], ""},
	}
	f := newFixture(t, func(c *Config) { c.Limits.Memory = 1 << 20 })
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := f.Load(context.Background(), "x.wasm", tt.file)
			var load *LoadError
			if !errors.As(err, &load) || load.Name != "x.wasm" {
				t.Fatalf("the error is %v", err)
			}
			if tt.want != "" && err.Error() != tt.want {
				t.Errorf("the error is\n%v, want\n%s", err, tt.want)
			}
		})
	}
	if _, err := f.Load(context.Background(), "x.wasm", valid); err != nil {
		t.Errorf("the valid one: %v", err)
	}
	faults.Row(t, "T22", fmt.Sprintf("%d files refused, each in a sentence", len(tests)), faults.Always("the engine would not link it either"))
}

func TestConfigIsChecked(t *testing.T) {
	f := newFixture(t, nil)
	for _, config := range []Config{{}, {Network: f.network, Limits: Limits{Memory: 5 << 30}}, {Network: f.network, Limits: Limits{Stack: -1}}} {
		if _, err := New(config); err == nil {
			t.Errorf("New(%+v) has no error", config)
		}
	}
}
