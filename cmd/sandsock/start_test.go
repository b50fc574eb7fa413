package main

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

// answer is what a client gets back until the end.
type answer struct {
	text string
	err  error
}

// eager is a network in memory on which a client connects and sends a message
// as soon as a server listens, before the call has returned.
type eager struct {
	memnet.Network
	message string
	answers chan answer
}

func (n *eager) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	s, err := n.Network.Socket(family, typ, proto)
	return listener{s, n}, err
}

type listener struct {
	core.Socket
	network *eager
}

func (l listener) Listen(backlog int) error {
	if err := l.Socket.Listen(backlog); err != nil {
		return err
	}
	address, err := l.GetSockName()
	if err != nil {
		return err
	}
	client, err := l.network.Network.Socket(core.AF_INET, core.SOCK_STREAM, 0)
	if err != nil {
		return err
	}
	err = errors.Join(client.Connect(address), client.SendAll([]byte(l.network.message), 0), client.Shutdown(core.SHUT_WR))
	go func() { l.network.answers <- rest(client) }()
	return err
}

func rest(client core.Socket) (a answer) {
	defer client.Close()
	for p := make([]byte, 100); ; {
		n, err := client.Recv(p, 0)
		if n == 0 || err != nil {
			a.err = err
			return a
		}
		a.text += string(p[:n])
	}
}

// TestWhoConnectsBeforeAPluginIsLoadedWaitsForIt: the server listens first. No
// byte comes of a plugin that is then refused.
func TestWhoConnectsBeforeAPluginIsLoadedWaitsForIt(t *testing.T) {
	folder := t.TempDir()
	check(t, writeFixtures(folder))
	for handler, want := range map[string]struct {
		code int
		text string
	}{
		"upper":                             {exitWell, "ABC"},
		filepath.Join(folder, "text.wasm"):  {exitRefused, ""},
		filepath.Join(folder, "large.wasm"): {exitRefused, ""},
	} {
		network := &eager{message: "abc", answers: make(chan answer, 1)}
		a, _, talk := inMemory(t, nil)
		a.network = network
		signals := make(chan os.Signal, 1)
		a.interrupts = watch(signals)
		f := serveFlags{cache: cacheFlags{dir: t.TempDir()}}
		check(t, f.listen.Set("127.0.0.1:6565"))
		ended := make(chan int)
		go func() { ended <- a.end(a.serve(f, []planned{{endpoint: f.listen.endpoint, handler: handler}}, nil)) }()
		got := soon(t, network.answers) // be it an end without anything
		if want.code == exitWell {
			signals <- os.Interrupt
		}
		if code := soon(t, ended); code != want.code || got.text != want.text {
			t.Errorf("%s: the client gets %q, %v; exit code %d, says %q", handler, got.text, got.err, code, talk.String())
		}
		a.release()
	}
}
