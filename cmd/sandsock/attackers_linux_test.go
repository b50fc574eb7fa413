package main

import "bytes"

// The plugins that attack.

// More instructions.
const (
	memoryFill = 0x0b // after 0xfc
	tableGrow  = 0x0f // after 0xfc
)

var (
	endless  = []byte{0x03, 0x40, 0x0c, 0, 0x0b} // loop br 0 end
	returns0 = constant(0)
)

func handler(body ...[]byte) fixture {
	return fixture{pages: 1, functions: []function{{"handle", 1, join(body...)}}}
}

// loops never ends, and makes no call.
func loops() fixture { return handler(endless, returns0) }

// calls2 has functions that call the one before twice: 2 to the power of depth
// calls, and not one loop.
func calls2(depth int) fixture {
	f := handler([]byte{call, byte(depth)}, returns0)
	f.functions = append(f.functions, function{"f1", 0, nil})
	for i := 1; i < depth; i++ {
		f.functions = append(f.functions, function{"f", 0, []byte{call, byte(i), call, byte(i)}})
	}
	return f
}

// loopsEarly loops in what runs before the handler.
func loopsEarly(name string) fixture {
	f := handler(returns0)
	f.functions = append(f.functions, function{name, 0, endless})
	f.exports = 2
	if name == "start" {
		f.start = 2
	}
	return f
}

// fills sets 16 MiB of memory n times, one after the other, and does that three
// times: one body of all of it would be refused.
func fills(n int) fixture {
	f := handler(bytes.Repeat([]byte{call, 1}, 3), returns0)
	f.pages = 256
	fill := join(constant(0), constant(0), constant(16<<20), []byte{0xfc, memoryFill, 0})
	f.functions = append(f.functions, function{"fills", 0, bytes.Repeat(fill, n)})
	return f
}

// recurses calls itself for ever.
func recurses() fixture { return handler([]byte{get, 0, call, 0}) }

// spills calls itself for ever too, from a body of n calls across each of which
// another value lives.
func spills(n int) fixture {
	add := []byte{get, 0, get, 0, call, 1, 0x6a, 0x21, 0} // i32.add, local.set 0
	f := handler(bytes.Repeat(add, n-1), []byte{get, 0, call, 0})
	f.functions = append(f.functions, function{"identity", 1, []byte{get, 0}})
	return f
}

// parks calls itself to a depth and waits there for its client.
func parks(depth int) fixture {
	f := handler([]byte{get, 0, 0x24, 0}, constant(depth), []byte{call, 2}) // global.set 0
	f.imports, f.globals = []imported{{"socket", "recv", 5}}, 1
	receive := join([]byte{0x23, 0}, constant(0), constant(1), constant(0), []byte{call, 0}) // global.get 0
	f.functions = append(f.functions, function{"down", 1, join(
		[]byte{get, 0, 0x45, 0x04, i32}, receive, // i32.eqz, if
		[]byte{0x05, get, 0}, constant(1), []byte{0x6b, call, 2, 0x0b})}) // else, i32.sub
	return f
}

// growsTable grows its table and returns what came of it.
func growsTable(entries int) fixture {
	f := handler([]byte{0xd0, 0x70}, constant(entries), []byte{0xfc, tableGrow, 0}) // ref.null func
	f.table = 1
	return f
}

// trapKinds are instructions that trap, each its own way.
var trapKinds = []struct {
	reason string
	body   []byte
}{
	{"unreachable", []byte{unreachable}},
	{"integer divide by zero", join(constant(1), constant(0), []byte{0x6d, drop})},
	{"integer overflow", []byte{0x41, 0x80, 0x80, 0x80, 0x80, 0x78, 0x41, 0x7f, 0x6d, drop}}, // -2^31 / -1
	{"invalid conversion to integer", []byte{0x43, 0, 0, 0xc0, 0x7f, 0xa8, drop}},            // i32.trunc_f32_s of NaN
	{"integer overflow", []byte{0x43, 0, 0, 0x80, 0x7f, 0xa8, drop}},                         // of infinity
	{"out of bounds memory access", join(constant(65536), []byte{load, 2, 0, drop})},
	{"out of bounds memory access", join(constant(1), constant(0), constant(65536), []byte{0xfc, memoryFill, 0})},
	{"invalid table access", join(constant(99), []byte{0x11, 0, 0})}, // call_indirect
	{"invalid table access", join(constant(0), []byte{0x11, 0, 0})},  // of null
	{"indirect call type mismatch", join(constant(1), []byte{0x11, 0, 0})},
	{"invalid table access", join(constant(99), []byte{0x25, 0, drop})}, // table.get
	{"stack overflow", join(constant(0), []byte{call, 3, drop})},
}

// traps receives which of trapKinds to be and first sends how many connections
// this instance has had.
func traps() fixture {
	const count = 16 // address
	body := [][]byte{
		{get, 0}, constant(0), constant(1), constant(0), {call, 0, drop},
		{0x23, 0}, constant(1), {0x6a, 0x24, 0}, // global 0 + 1
		constant(count), {0x23, 0, 0x3a, 0, 0}, // i32.store8
		{get, 0}, constant(count), constant(1), constant(0), {call, 1, drop},
	}
	for i, kind := range trapKinds {
		body = append(body, constant(0), []byte{0x2d, 0, 0}, constant(i), []byte{0x46, 0x04, 0x40}, kind.body, []byte{0x0b})
	}
	f := handler(append(body, returns0)...)
	f.imports = []imported{{"socket", "recv", 5}, {"socket", "send", 5}}
	f.functions = append(f.functions, function{"deeper", 1, []byte{get, 0, call, 3}})
	f.globals, f.table, f.elements = 1, 4, []int{0}
	return f
}

// late answers its client's first message, waits for another, and then sends
// and prints LATE, whatever came of the wait.
func late() fixture {
	receive := join([]byte{get, 0}, constant(128), constant(64), constant(0), []byte{call, 0, drop})
	send := join([]byte{get, 0}, constant(8), constant(5), constant(0), []byte{call, 1, drop})
	f := handler(receive, send, receive, send,
		constant(1), constant(0), constant(1), constant(64), []byte{call, 2, drop}, returns0)
	f.imports = []imported{{"socket", "recv", 5}, {"socket", "send", 5}, {wasi, "fd_write", 5}}
	f.data = iovec(8, "LATE\n")
	return f
}
