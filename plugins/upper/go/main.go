// Command upper is the upper-case echo in Go: the same plugin as upper.wat,
// over the guest SDK. Upper speaks only core.Socket, so the same function runs
// natively in its test.
package main

import (
	"encoding/binary"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/plugins/guest"
)

func init() { guest.Handle(Upper) }

func main() {} // never runs in a handler: the host calls handle

// bufferSize is how many bytes one Recv takes at most.
const bufferSize = 64 << 10

// Upper sends back what it receives in capital letters, until the peer ends
// the stream. Its error is that of the call that failed.
func Upper(conn core.Socket) error {
	buffer := make([]byte, bufferSize)
	for {
		n, err := conn.Recv(buffer, 0)
		if n == 0 || err != nil {
			return err
		}
		upper(buffer[:n])
		if err := conn.SendAll(buffer[:n], 0); err != nil {
			return err
		}
	}
}

// upper turns a to z into A to Z and leaves every other byte, as Python's
// bytes.upper() does. It takes eight bytes at a time, for which the compiler
// makes one load and one store, in WebAssembly too; and four times eight in a
// turn of the loop, whose bounds are then looked at once.
func upper(p []byte) {
	le := binary.LittleEndian
	for ; len(p) >= 32; p = p[32:] {
		four := (*[32]byte)(p)
		le.PutUint64(four[0:8], upperWord(le.Uint64(four[0:8])))
		le.PutUint64(four[8:16], upperWord(le.Uint64(four[8:16])))
		le.PutUint64(four[16:24], upperWord(le.Uint64(four[16:24])))
		le.PutUint64(four[24:32], upperWord(le.Uint64(four[24:32])))
	}
	upperBytes(p)
}

// upperWord is upper for eight bytes in one number, without a branch. No carry
// crosses from one byte to the next: each sum is at most 0x7f + 0x1f.
func upperWord(word uint64) uint64 {
	const each = 0x0101010101010101 // a number times each is that number in every byte
	const top = each * 0x80
	low := word &^ top
	fromA := low + each*(0x80-'a')   // top bit of a byte: it is 'a' or more
	pastZ := low + each*(0x80-'z'-1) // top bit of a byte: it is more than 'z'
	letter := fromA &^ pastZ &^ word & top
	return word ^ letter>>2 // 0x80>>2 is 0x20, the bit between 'a' and 'A'
}

func upperBytes(p []byte) {
	for i, c := range p {
		if 'a' <= c && c <= 'z' {
			p[i] = c - 'a' + 'A'
		}
	}
}
