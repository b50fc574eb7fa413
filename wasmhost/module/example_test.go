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
