package main_test

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

// TestTheConformanceSuiteInTheSandbox runs core's one suite as a guest: built
// for WebAssembly, over the SDK, the host's calls, and the kernel.
func TestTheConformanceSuiteInTheSandbox(t *testing.T) {
	file := filepath.Join(t.TempDir(), "suite.wasm")
	build := exec.Command("go", "test", "-c", "-o", file, "github.com/sandsock/sandsock/plugins/guest/socket")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go test -c: %v\n%s", err, text)
	}
	suite, err := os.ReadFile(file)
	check(t, err)

	host, err := wasmhost.New(wasmhost.Config{Network: native.Network{}, Limits: wasmhost.Limits{Memory: 256 << 20, Sockets: 256}})
	check(t, err)
	defer host.Close()
	plugin, err := host.Load(context.Background(), "suite", suite)
	check(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 3*patience)
	defer cancel()
	var out bytes.Buffer
	exit, err := host.Run(ctx, wasmhost.Program{
		Plugin: plugin,
		Args:   []string{"suite", "-test.v"},
		Stdout: &out, Stderr: &out,
		Grants: everything(t),
	})
	passed := bytes.Count(out.Bytes(), []byte("--- PASS"))
	if err != nil || exit != 0 || passed < 300 {
		t.Fatalf("the suite ended with %d, %v, after %d passes:\n%s", exit, err, passed, failures(out.Bytes()))
	}
	t.Logf("%d cases and groups of them passed in the sandbox", passed)
}

// everything is every grant there is for loopback, and for the addresses the
// suite expects the kernel to refuse.
func everything(t *testing.T) (all core.Grants) {
	t.Helper()
	for use := core.UseConnect; use <= core.UseResolve; use++ {
		texts := []string{"*", "0.0.0.0", "::", "224.0.0.0/4", "ff00::/8", "255.255.255.255"}
		if use == core.UseResolve {
			texts = []string{"*"}
		}
		for _, text := range texts {
			grant, err := core.ParseGrant(use, text)
			check(t, err)
			all = append(all, grant)
		}
	}
	return all
}

// failures returns the lines of a verbose test run that tell of its failures.
func failures(out []byte) []byte {
	var lines [][]byte
	for line := range bytes.Lines(out) {
		if !bytes.Contains(line, []byte("=== ")) && !bytes.Contains(line, []byte("--- PASS")) {
			lines = append(lines, line)
		}
	}
	return bytes.Join(lines, nil)
}
