package notes

import (
	"context"
	"io"

	"github.com/sandsock/sandsock/core"
)

// Server waits at address, a text such as localhost:6565, for one connection,
// receives one message, prints it to out and sends it back in capital letters.
// Its error is a [core.Errno], or out's.
func Server(network core.Network, address string, out io.Writer) error {
	// server = socket.socket()
	server, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer server.Close() // server.close()

	// server.bind(('localhost', 6565))
	own, err := core.ResolveAddress(context.Background(), network, core.AF_INET, address)
	if err != nil {
		return err
	}
	if err := server.Bind(own); err != nil {
		return err
	}

	// server.listen()
	if err := server.Listen(128); err != nil { // Python's own number where none is given
		return err
	}

	// conn, addr = server.accept()
	conn, _, err := server.Accept()
	if err != nil {
		return err
	}
	defer conn.Close() // the notes leave this to the end of the process

	// data = conn.recv(1024)
	data := make([]byte, 1024)
	n, err := conn.Recv(data, 0)
	if err != nil {
		return err
	}

	// print('recv: ', data): print puts a second space after the notes' own
	if _, err := io.WriteString(out, "recv:  "+core.PyBytes(data[:n])+"\n"); err != nil {
		return err
	}

	// conn.send(data.upper())
	_, err = conn.Send(upper(data[:n]), 0)
	return err
}

// upper returns data with a to z in capitals, as Python's bytes.upper() does;
// Go's bytes.ToUpper would change letters beyond ASCII.
func upper(data []byte) []byte {
	capitals := make([]byte, len(data))
	for i, c := range data {
		if 'a' <= c && c <= 'z' {
			c -= 'a' - 'A'
		}
		capitals[i] = c
	}
	return capitals
}
