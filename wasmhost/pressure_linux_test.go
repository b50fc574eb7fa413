package wasmhost

import (
	"fmt"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
)

// scribbler is a handler of so many pages. It sends a byte, so that its client
// knows that it is at work, and waits for one; then it writes to all of its
// memory, sends another and waits again.
func scribbler(pages byte) []byte {
	recv, send := hostFunction("recv"), hostFunction("send")
	var w wasm
	w.importFunc(recv.module, recv.name, w.typ(recv.params, recv.results))
	w.importFunc(send.module, send.name, w.typ(send.params, send.results))
	w.pages = pages
	receives := code(param0, i32Const(0), i32Const(1), i32Const(0), callFunc(0), drop)
	sends := code(param0, i32Const(0), i32Const(1), i32Const(0), callFunc(1), drop)
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(
		sends, receives,
		i32Const(0), i32Const(1), i32Const(int32(pages)*pageSize), []byte{0xfc, 11, 0}, // memory.fill
		sends, receives, i32Const(0)))
	return w.bytes()
}

// TestABudgetIsOfWhatIsWritten: connections come for as long as there is room,
// though all together could write 8 times what there is. When they do, those
// that wrote are stopped, and those that did not go on.
func TestABudgetIsOfWhatIsWritten(t *testing.T) {
	if apart(t) {
		return
	}
	const budget, clients, pages, idle = 64 << 20, 128, 64, 4
	var rows [2]string
	for i, without := range []Defences{0, DefenceMemory} {
		f := newFixture(t, func(c *Config) { c.Budget, c.Without = budget, without })
		_, address := f.serve(RouteConfig{Plugin: f.load("scribbles", scribbler(pages))})
		before := f.budget.pressure.private()
		all := make([]core.Socket, clients)
		reply := make([]byte, 1)
		for i := range all {
			all[i] = f.dial(address)
			if n, err := all[i].Recv(reply, 0); n != 1 || err != nil {
				t.Fatalf("connection %d of %d is not served: %d bytes, %v", i, clients, n, err)
			}
		}
		peak := int64(0)
		for _, c := range all[idle:] {
			must(t, c.SendAll([]byte("x"), 0))
			_, _ = c.Recv(reply, 0) // or its end
			peak = max(peak, f.budget.pressure.private()-before)
		}
		stopped := f.reports.count(EventStopped)
		rows[i] = fmt.Sprintf("%d of %d guests stopped, %d MiB at most of a budget of 64", stopped, clients, peak>>20)
		if without != 0 {
			if stopped != 0 || peak < 3*budget {
				t.Errorf("without a budget: %s", rows[i])
			}
			continue
		}
		const late = budget / 2 // what is written between two looks
		if stopped == 0 || peak > budget+late {
			t.Error(rows[i])
		}
		if r := f.reports.wait(t, EventStopped); !strings.HasPrefix(r.Error, "64 MiB of memory is the budget of the host, and it had written 4096 KiB") {
			t.Errorf("the reason is %q", r.Error)
		}
		for _, c := range all[:idle] {
			must(t, c.SendAll([]byte("x"), 0))
			if n, err := c.Recv(reply, 0); n != 1 || err != nil {
				t.Errorf("one that had written nothing is gone: %d bytes, %v", n, err)
			}
		}
	}
	faults.Row(t, "T66", rows[0], rows[1])
}
