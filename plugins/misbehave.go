package plugins

import (
	"slices"
	"strings"
)

// Gallery is what stands before the names of the plugins that misbehave.
const Gallery = "misbehave/"

// Misbehaving returns the full names, sorted, of the plugins that attack their
// host, one attack each: misbehave/loop and so on.
func Misbehaving() []string {
	names := []string{nestedName}
	for _, name := range namesIn("bin/misbehave") {
		names = append(names, Gallery+name)
	}
	slices.Sort(names)
	return names
}

// Tries says what a plugin that misbehaves does, in a few words: the first
// line of its source. Empty where there is none of that name.
func Tries(name string) string {
	if name == nestedName {
		return nestedTries
	}
	source, _ := files.ReadFile(name + ".wat")
	first, _, _ := strings.Cut(string(source), "\n")
	_, tries, _ := strings.Cut(first, ".wat: ")
	return tries
}

// nestedName is a plugin that is put together when it is asked for: as a file
// it would be 240 KB of the same two instructions.
const (
	nestedName  = Gallery + "nested"
	nestedTries = "is small for a program, and keeps a compiler busy for long"
	nestedDepth = 80_000
)

// nested is a handler of as many blocks in one another, with nothing in them.
// A compiler that does something at the end of each block for every block
// around it does that three thousand million times.
//
// In the text format:
//
//	(module
//	  (memory (export "memory") 1 1)
//	  (func (export "handle") (param i32) (result i32)
//	    (block (block (block ... )))
//	    (i32.const 0)))
func nested() []byte {
	body := "\x00" + // no locals
		strings.Repeat("\x02\x40", nestedDepth) + // block, without a result
		strings.Repeat("\x0b", nestedDepth) + // end
		"\x41\x00\x0b" // i32.const 0, end
	code := "\x01" + leb(len(body)) + body
	return []byte("\x00asm\x01\x00\x00\x00" +
		"\x01\x06\x01\x60\x01\x7f\x01\x7f" + // a type: (i32) -> i32
		"\x03\x02\x01\x00" + // a function of it
		"\x05\x04\x01\x01\x01\x01" + // a page of memory
		"\x07\x13\x02\x06memory\x02\x00\x06handle\x00\x00" +
		"\x0a" + leb(len(code)) + code)
}

// leb is a number as the binary format has it: seven bits a byte, the lowest
// first, all but the last with the eighth bit.
func leb(n int) string {
	var out []byte
	for ; n >= 0x80; n >>= 7 {
		out = append(out, byte(n)|0x80)
	}
	return string(append(out, byte(n)))
}
