package module_test

import (
	"fmt"

	"github.com/sandsock/sandsock/wasmhost/module"
)

func ExampleDecode() {
	_, err := module.Decode([]byte("(module)"))
	fmt.Println("upper.wat:", err)

	m, err := module.Decode([]byte("\x00asm\x01\x00\x00\x00"))
	if err != nil {
		fmt.Println(err)
		return
	}
	kind, why := m.Kind()
	fmt.Println("empty.wasm:", kind, "as it", why)
	// Output:
	// upper.wat: is WebAssembly text, not binary: build it with wat2wasm
	// empty.wasm: neither a handler nor a program as it does not export handle(i32) -> i32
}

func ExampleReader() {
	file := []byte("\x00asm\x01\x00\x00\x00" +
		"\x01\x06\x01\x60\x01\x7f\x01\x7f" + // a type, (i32) -> i32
		"\x03\x02\x01\x00" + // a function of it
		"\x0a\x09\x01\x07\x00\x20\x00\x41\x01\x6a\x0b") // its body
	m, err := module.Admit(file, module.Bounds{})
	if err != nil {
		fmt.Println(err)
		return
	}
	r := m.Codes[0].Reader()
	for in := r.Next(); in != nil; in = r.Next() {
		fmt.Printf("%#x %s % x\n", in.Offset, in.Op, in.Raw)
	}
	// Output:
	// 0x19 local.get 20 00
	// 0x1b i32.const 41 01
	// 0x1d i32.add 6a
	// 0x1e end 0b
}
