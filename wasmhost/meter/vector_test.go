package meter

import (
	"fmt"
	"testing"

	"github.com/tetratelabs/wazero/api"

	"github.com/sandsock/sandsock/wasmhost/module"
)

func TestBothHalvesOfEachVectorCanBeGotAndSet(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 100} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			number := code{byte(module.I64), 1, opI64Const, 7, opEnd}
			p := program{pages: 1, globals: []code{number}}
			for range n {
				p.globals = append(p.globals, vector)
			}
			out := Rewrite(admitted(t, p.file()), Options{Snapshot: true})
			s := out.Snapshot
			if s.Vectors != n || len(s.Globals) != 1 || s.Unfit != "" {
				t.Fatalf("the snapshot is of %+v", s)
			}
			w := worldOf(t, out)
			for i := range uint64(n) {
				_, err := w.call(s.SetVector, i, 1000+i, ^i)
				check(t, err)
			}
			for i := range uint64(n) {
				got, err := w.call(s.GetVector, i)
				check(t, err)
				if got[0] != 1000+i || got[1] != ^i {
					t.Errorf("vector %d of %d is %d and %d", i, n, got[0], ^got[1])
				}
			}
			if got := w.module.ExportedGlobal(s.Globals[0]).(api.MutableGlobal).Get(); got != 7 {
				t.Errorf("the number beside them is %d", got)
			}
		})
	}
}
