// Command server is the server of the study notes over real sockets, line for
// line: it receives one message and sends it back in capital letters.
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

	server := must(network.Socket(core.AF_INET, core.SOCK_STREAM, 0)) // server = socket.socket()
	check(server.Bind(address))                                       // server.bind(('localhost', 6565))
	check(server.Listen(5))                                           // server.listen()
	fmt.Fprintln(os.Stderr, "listening on", core.PyAddress(must(server.GetSockName())))

	conn, _, err := server.Accept() // conn, addr = server.accept()
	check(err)
	data := make([]byte, 1024)
	data = data[:must(conn.Recv(data, 0))]    // data = conn.recv(1024)
	fmt.Println("recv: ", core.PyBytes(data)) // print('recv: ', data)
	for i, c := range data {
		if 'a' <= c && c <= 'z' {
			data[i] = c - 'a' + 'A' // data.upper()
		}
	}
	must(conn.Send(data, 0)) // conn.send(data.upper())
	check(conn.Close())      // not in the notes: Python does it when the program ends
	check(server.Close())    // server.close()
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
