package main

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

// bound is the longest a program may take, its build included.
const bound = 2 * time.Minute

// TestOverTheSystemsSockets is Linux's: what the pages show are its errors and
// its queue.
func TestOverTheSystemsSockets(t *testing.T) {
	linuxOnly(t)
	eachPage(t, func(*testing.T) core.Network { return native.Network{} })
}

func TestInMemory(t *testing.T) {
	eachPage(t, func(*testing.T) core.Network { return new(memnet.Network) })
}

func linuxOnly(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the pages show the numbers of Linux")
	}
}

func eachPage(t *testing.T, network func(*testing.T) core.Network) {
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			compare(t, p, output(t, p, network(t)))
		})
	}
}

// output is what a page prints, within the bound.
func output(t *testing.T, p page, network core.Network) string {
	t.Helper()
	var out bytes.Buffer
	done := make(chan error, 1)
	go func() { done <- p.show(network, &out) }()
	select {
	case err := <-done:
		if err != nil {
			t.Fatal(core.PyError(err))
		}
		return out.String()
	case <-time.After(bound):
		t.Fatalf("%s hangs", p.name)
		return ""
	}
}

// TestInTheSandbox runs all pages by one program: this command, built as one.
func TestInTheSandbox(t *testing.T) {
	linuxOnly(t)
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	host, err := wasmhost.New(wasmhost.Config{Network: native.Network{}})
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	plugin, err := host.Load(ctx, "notes.wasm", buildGuest(t, ctx))
	if err != nil {
		t.Fatal(err)
	}

	args := []string{"notes"}
	for _, p := range pages {
		args = append(args, p.name)
	}
	granted := runGuest(t, ctx, host, plugin, args, "127.0.0.1", "192.0.2.1")
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) { compare(t, p, part(granted, p.name)) })
	}
	t.Run("an address that is not granted is denied", func(t *testing.T) {
		denied := runGuest(t, ctx, host, plugin, []string{"notes", "bind"}, "127.0.0.1")
		if want := "another machine's: PermissionError: [Errno 13] Permission denied\n"; !strings.HasSuffix(denied, want) {
			t.Errorf("printed\n%s\nwithout %s", denied, want)
		}
	})
}

func buildGuest(t *testing.T, ctx context.Context) []byte {
	t.Helper()
	file := filepath.Join(t.TempDir(), "notes.wasm")
	command := exec.CommandContext(ctx, "go", "build", "-o", file, ".")
	command.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0")
	if said, err := command.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return []byte(readFile(t, file))
}

// runGuest runs the program with the grant to listen at some hosts, and to
// connect and send to the loopback.
func runGuest(t *testing.T, ctx context.Context, host *wasmhost.Host, plugin *wasmhost.Plugin, args []string, listen ...string) string {
	t.Helper()
	grants := core.Grants{grant(t, core.UseConnect, "127.0.0.1"), grant(t, core.UseSend, "127.0.0.1")}
	for _, host := range listen {
		grants = append(grants, grant(t, core.UseListen, host))
	}
	var out, talk bytes.Buffer
	exit, err := host.Run(ctx, wasmhost.Program{Plugin: plugin, Args: args, Grants: grants, Stdout: &out, Stderr: &talk})
	if exit != 0 || err != nil {
		t.Fatalf("exit %d, %v, said %s, printed\n%s", exit, err, talk.String(), out.String())
	}
	return out.String()
}

func grant(t *testing.T, use core.Use, text string) core.Grant {
	t.Helper()
	g, err := core.ParseGrant(use, text)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// part is what the page of that name printed, in the output of several.
func part(output, name string) string {
	_, rest, _ := strings.Cut("\n"+output, "\n== "+name+"\n")
	own, _, _ := strings.Cut(rest, "== ")
	return own
}
