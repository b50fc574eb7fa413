package notes

import (
	"bytes"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

func TestClientAndServerSayWhatTheNotesSay(t *testing.T) {
	network := &listening{Network: new(memnet.Network), ready: make(chan struct{})}
	var serverOut, clientOut bytes.Buffer
	served := make(chan error, 1)
	go func() { served <- Server(network, "localhost:6565", &serverOut) }()
	<-network.ready
	if err := Client(network, "localhost:6565", &clientOut); err != nil {
		t.Fatal(err)
	}
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	if got, want := serverOut.String(), "recv:  b'holle world!'\n"; got != want {
		t.Errorf("server printed %q, want %q", got, want)
	}
	if got, want := clientOut.String(), "recv: b'HOLLE WORLD!'\n"; got != want {
		t.Errorf("client printed %q, want %q", got, want)
	}
}

func TestErrorsAreThoseOfTheCalls(t *testing.T) {
	var out bytes.Buffer
	for _, test := range []struct {
		name, address string
		run           func(core.Network, string) error
		want          core.Errno
	}{
		{"nobody listens", "localhost:6565", client(&out), core.ECONNREFUSED},
		{"no such name", "nowhere.invalid:6565", client(&out), core.EAI_NONAME},
		{"no port", "localhost", client(&out), core.EINVAL},
		{"not an address of ours", "192.0.2.1:6565", server(&out), core.EADDRNOTAVAIL},
	} {
		if err := test.run(new(memnet.Network), test.address); err != test.want {
			t.Errorf("%s: %v, want %v", test.name, err, test.want)
		}
	}
	if out.Len() > 0 {
		t.Errorf("printed %q", out.String())
	}
}

func client(out *bytes.Buffer) func(core.Network, string) error {
	return func(network core.Network, address string) error { return Client(network, address, out) }
}

func server(out *bytes.Buffer) func(core.Network, string) error {
	return func(network core.Network, address string) error { return Server(network, address, out) }
}

func TestUpperIsPythons(t *testing.T) {
	if got := string(upper([]byte("az{`AZ\x00\xe9é"))); got != "AZ{`AZ\x00\xe9é" {
		t.Errorf("%q", got)
	}
}

// listening is a network that tells when a socket of it listens, and whose
// sockets wait no longer than ten seconds.
type listening struct {
	core.Network
	ready chan struct{}
}

func (n *listening) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	s, err := n.Network.Socket(family, typ, proto)
	if err == nil {
		err = s.SetTimeout(10 * time.Second)
	}
	return listenSocket{s, n.ready}, err
}

type listenSocket struct {
	core.Socket
	ready chan struct{}
}

func (s listenSocket) Listen(backlog int) error {
	defer close(s.ready)
	return s.Socket.Listen(backlog)
}
