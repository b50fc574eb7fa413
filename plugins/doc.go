// Package plugins carries the compiled plugins that come with sandsock. Their
// sources are in the folders below, and go run ./plugins/build makes the
// files of bin from them, byte for byte the same with the same tools.
//
//	upper         the upper-case echo in WebAssembly's text format: the default
//	upper-go      the same in Go
//	echo          the smallest whole handler, in Go
//	notes-client  the client of the study notes, a program
//	notes-server  the server of the study notes, a program
//
// The folder misbehave has plugins that attack their host, a file each, whose
// first comment says what it tries: misbehave/loop and so on; but
// misbehave/nested is made when it is asked for. They are not among [Names].
//
// # A handler of your own
//
// A handler is a module that exports its memory and handle(i32) -> i32, which
// the host calls with the descriptor of each connection. In Go:
//
//	package main
//
//	import (
//		"github.com/sandsock/sandsock/core"
//		"github.com/sandsock/sandsock/plugins/guest"
//	)
//
//	func init() { guest.Handle(hello) }
//
//	func main() {}
//
//	func hello(conn core.Socket) error { return conn.SendAll([]byte("hello\n"), 0) }
//
// and the line that builds it:
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags='-s -w' -o hello.wasm .
//
// Without -ldflags the file is larger by the names of its functions, by which a
// trap is then told.
//
// By hand, in the text format, upper/upper.wat is there to start from:
//
//	wat2wasm hello.wat -o hello.wasm
//
// # A program of your own
//
// A program has a main instead, makes its own sockets by package guest/socket
// and takes whatever addresses it was granted, as notes/client does:
//
//	GOOS=wasip1 GOARCH=wasm go build -ldflags='-s -w' -o client.wasm .
package plugins
