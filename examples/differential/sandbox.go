package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost"
)

// mayUse is what the guest is granted: all that a case may name. To listen
// everywhere lets it share ports and choose a device.
var mayUse = map[core.Use][]string{
	core.UseListen:  {"*", "0.0.0.0", "::", "127.0.0.0/8", "::1", "::1%1", "192.0.2.1", "255.255.255.255", "224.0.0.0/4", "ff00::/8"},
	core.UseConnect: {"0.0.0.0", "::", "127.0.0.0/8", "::1", "255.255.255.255"},
	core.UseSend:    {"0.0.0.0", "::", "127.0.0.0/8", "::1", "255.255.255.255"},
	core.UseResolve: {"localhost", "fe80::1%lo", "fe80::1%nosuch"},
}

func grants() (all core.Grants, err error) {
	for use, texts := range mayUse {
		for _, text := range texts {
			grant, err := core.ParseGrant(use, text)
			if err != nil {
				return nil, err
			}
			all = append(all, grant)
		}
	}
	return all, nil
}

// buildBound is how long compiling the guest may take.
const buildBound = 2 * time.Minute

// buildGuest compiles the guest's program with the Go of this machine.
func buildGuest() ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), buildBound)
	defer cancel()
	folder, err := os.MkdirTemp("", "differential")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	out := filepath.Join(folder, "guest.wasm")
	command := exec.CommandContext(ctx, "go", "build", "-o", out, "github.com/sandsock/sandsock/examples/differential/guest")
	command.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if said, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("building the guest: %w\n%s", err, said)
	}
	return os.ReadFile(out)
}

// newSandbox starts the guest, which runs every case over the sockets that a
// host lends it, which are network's.
func newSandbox(name string, network core.Network) (*world, error) {
	wasm, err := buildGuest()
	if err != nil {
		return nil, err
	}
	all, err := grants()
	if err != nil {
		return nil, err
	}
	host, err := wasmhost.New(wasmhost.Config{Network: probing{network}, Limits: wasmhost.Limits{Memory: 512 << 20, Sockets: 256}})
	if err != nil {
		return nil, err
	}
	plugin, err := host.Load(context.Background(), "guest.wasm", wasm)
	if err != nil {
		return nil, errors.Join(err, host.Close())
	}
	return startGuest(name, host, wasmhost.Program{Plugin: plugin, Args: []string{"guest"}, Grants: all})
}

func startGuest(name string, host *wasmhost.Host, program wasmhost.Program) (*world, error) {
	r, stdin, stdout, err := newRemote()
	if err != nil {
		return nil, errors.Join(err, host.Close())
	}
	said := new(strings.Builder)
	program.Stdin, program.Stdout, program.Stderr = stdin, stdout, said
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		exit, err := host.Run(ctx, program)
		if exit != 0 {
			err = fmt.Errorf("the guest ended with %d and said %s", exit, said)
		}
		stdout.Close()
		ended <- err
	}()
	stop := func() error {
		guard := time.AfterFunc(caseBound, cancel)
		defer guard.Stop()
		defer cancel()
		return errors.Join(r.close(), <-ended, stdin.Close(), host.Close())
	}
	return &world{name: name, run: r.run, close: stop}, nil
}
