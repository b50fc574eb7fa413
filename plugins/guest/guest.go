// Package guest makes a handler of a Go function: a plugin that a host calls
// once for every connection.
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
//	func hello(conn core.Socket) error {
//		return conn.SendAll([]byte("hello\n"), 0)
//	}
//
// It is built with
//
//	GOOS=wasip1 GOARCH=wasm go build -buildmode=c-shared -ldflags='-s -w' -o hello.wasm .
//
// Whatever the program initializes, it initializes once, and every connection
// begins from there: see [Rand].
//
// Importing the package is what exports handle. A program that makes its own
// sockets imports package socket below this one, and not this.
package guest

import (
	"errors"
	"io"

	"github.com/sandsock/sandsock/core"
)

var handler func(conn core.Socket) error

// Handle registers the function that serves a connection. A plugin calls it
// in an init function or a variable's initializer: in a module built with
// -buildmode=c-shared main never runs. A later call replaces the function.
//
// The function is called with a connected stream socket, or on a UDP route
// with the route's own socket. It need not close it. A nil error, and an
// [core.Errno] of 0, is a good end. After any other the host logs the error
// and gives the next connection a new instance. What the function leaves in
// variables no later connection sees.
func Handle(function func(conn core.Socket) error) { handler = function }

// failed is the result of a handler whose error has no number.
const failed = 1

// serve calls the handler and returns the result of the export: 0, minus the
// number of the error where it has one, else [failed]. An error is printed as
// one line.
func serve(conn core.Socket, stderr io.Writer) int32 {
	if handler == nil {
		io.WriteString(stderr, "no handler: call guest.Handle in an init function, since main does not run here\n")
		return failed
	}
	err := handler(conn)
	if err == nil || err == error(core.Errno(0)) {
		return 0
	}
	io.WriteString(stderr, line(err)+"\n")
	var number core.Errno
	if errors.As(err, &number) && number > 0 {
		return -int32(number)
	}
	return failed
}

// line returns the error's text without line breaks: the host logs by lines.
func line(err error) string {
	text := []byte(err.Error())
	for i, c := range text {
		if c == '\n' || c == '\r' {
			text[i] = ' '
		}
	}
	return string(text)
}
