package explain_test

import (
	"fmt"

	"github.com/sandsock/sandsock/cmd/sandsock/explain"
)

func ExampleLook() {
	page, _ := explain.Look("10061")
	fmt.Print(page.Text)
	// Output:
	// ECONNREFUSED: connection refused
	//
	// the machine was reached and said no: nothing listens on that port there
	//
	//   Linux 111, macOS 61, Windows 10061 WSAECONNREFUSED, in a guest 14
	//   ConnectionRefusedError: [Errno 111] Connection refused
	//
	// usual causes
	// - the server is not started yet, has ended, or listens on another port
	// - localhost is ::1 to one side and 127.0.0.1 to the other
	// - the server is bound to 127.0.0.1, and you come from another machine
	// - UDP: an earlier datagram was refused, and this call brings the news
	//
	// see it now
	// $ sandsock talk localhost:1
	//
	// next: sandsock explain connect   the call that meets it
}

func ExampleSuggest() {
	fmt.Println(explain.Suggest("lisetn"), explain.Suggest("10661"))
	// Output: [listen] [10061]
}
