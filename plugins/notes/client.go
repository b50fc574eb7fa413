package notes

import (
	"context"
	"io"

	"github.com/sandsock/sandsock/core"
)

// Client connects to address, a text such as localhost:6565, sends one
// message and prints the answer to out. Its error is a [core.Errno], or out's.
func Client(network core.Network, address string, out io.Writer) error {
	// client = socket.socket()
	client, err := network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	defer client.Close() // client.close()

	// client.connect(('localhost', 6565))
	server, err := core.ResolveAddress(context.Background(), network, core.AF_INET, address)
	if err != nil {
		return err
	}
	if err := client.Connect(server); err != nil {
		return err
	}

	// client.send(b'holle world!')
	if _, err := client.Send([]byte("holle world!"), 0); err != nil {
		return err
	}

	// data = client.recv(1024)
	data := make([]byte, 1024)
	n, err := client.Recv(data, 0)
	if err != nil {
		return err
	}

	// print('recv:', data)
	_, err = io.WriteString(out, "recv: "+core.PyBytes(data[:n])+"\n")
	return err
}
