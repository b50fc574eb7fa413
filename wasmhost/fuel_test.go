package wasmhost

import "testing"

// A call that moves so many bytes that the limits are looked at when it
// returns is a call all the same.
func TestAGuestThatCallsComputesNoLongerThanBetweenTwoCalls(t *testing.T) {
	compute := code(i32Const(40_000), []byte{0x21, 0, 0x03, 0x40}, // loop
		param0, i32Const(1), []byte{0x6b, 0x22, 0, 0x0d, 0, 0x0b}) // local.tee, br_if
	fill := code(i32Const(bufferAt), i32Const(17*slice), callFunc(0), drop)
	var body []byte
	for range 6 { // two slices each
		body = append(body, code(compute, fill)...)
	}
	random := hostFunction("random_get")
	w := wasm{pages: 32}
	w.importFunc(random.module, random.name, w.typ(random.params, random.results))
	w.later("handle", w.typ([]byte{i32}, []byte{i32}), code(body, i32Const(0)))
	f := newFixture(t, nil)
	_, address := f.serve(RouteConfig{Plugin: f.load("h", w.bytes()), Limits: Limits{FuelBetween: 4 * slice}})
	f.dial(address)
	f.waitEnded(t, 1)
	if n := f.reports.count(EventClosed); n != 1 {
		t.Errorf("it did not end well: %+v", f.reports.list())
	}
}
