// Package protocols is page 1: two protocols, spoken by hand.
package protocols

import (
	"fmt"
	"io"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/notes/local"
)

// Show speaks the first lines of SMTP over TCP, and asks a DNS question over
// UDP.
func Show(network core.Network, out io.Writer) error {
	if err := smtp(network, out); err != nil {
		return err
	}
	return dns(network, out)
}

// smtp is a protocol of text: lines, and who speaks when (RFC 5321).
func smtp(network core.Network, out io.Writer) error {
	client, server, err := local.Pair(network)
	if err != nil {
		return err
	}
	defer client.Close()
	defer server.Close()

	if err := say(out, "server", server, client, "220 mail.example ready\r\n"); err != nil {
		return err
	}
	if err := say(out, "client", client, server, "HELO learner.example\r\n"); err != nil {
		return err
	}
	return say(out, "server", server, client, "250 mail.example\r\n")
}

// say sends a line and prints what the other side received.
func say(out io.Writer, who string, from, to core.Socket, line string) error {
	if err := from.SendAll([]byte(line), 0); err != nil {
		return err
	}
	data := make([]byte, len(line))
	n, err := to.Recv(data, core.MSG_WAITALL)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "smtp %s: %s\n", who, core.PyBytes(data[:n]))
	return nil
}

// question is a protocol of bytes: a DNS message (RFC 1035, section 4) that
// asks for the IPv4 address of example.org.
const question = "\x00\x07" + // its number
	"\x01\x00" + // a question, and please ask on for me
	"\x00\x01\x00\x00\x00\x00\x00\x00" + // one question, no answers yet
	"\x07example\x03org\x00" + // the name: each part with its length in front
	"\x00\x01\x00\x01" // type A, class IN

func dns(network core.Network, out io.Writer) error {
	server, address, err := local.Bound(network, core.SOCK_DGRAM)
	if err != nil {
		return err
	}
	defer server.Close()
	client, _, err := local.Bound(network, core.SOCK_DGRAM)
	if err != nil {
		return err
	}
	defer client.Close()

	if _, err := client.SendTo([]byte(question), 0, address); err != nil {
		return err
	}
	data := make([]byte, 512) // the most that RFC 1035 allows
	n, err := server.Recv(data, 0)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "dns question, %d bytes: %s\n", n, core.PyBytes(data[:n]))
	return nil
}
