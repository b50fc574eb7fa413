// Command client is the client of the study notes over real sockets, line for
// line: it sends one message and prints the answer.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/native"
)

func main() {
	network := native.Network{}
	text := append(os.Args[1:], "localhost:6565")[0] // the first argument, where there is one
	address := must(core.ResolveAddress(context.Background(), network, core.AF_INET, text))

	client := must(network.Socket(core.AF_INET, core.SOCK_STREAM, 0)) // client = socket.socket()
	check(client.Connect(address))                                    // client.connect(('localhost', 6565))
	must(client.Send([]byte("holle world!"), 0))                      // client.send(b'holle world!')
	data := make([]byte, 1024)
	data = data[:must(client.Recv(data, 0))] // data = client.recv(1024)
	fmt.Println("recv:", core.PyBytes(data)) // print('recv:', data)
	check(client.Close())                    // client.close()
}

func must[T any](value T, err error) T {
	check(err)
	return value
}

// check ends the program as an exception ends the notes'.
func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, core.PyError(err))
		os.Exit(1)
	}
}
