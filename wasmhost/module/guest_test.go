package module

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const guestSource = `package main

//go:wasmexport handle
func handle(conn int32) int32 { return conn }

func main() {}
`

// buildGuest compiles the source with the Go tool that runs the tests.
func buildGuest(t testing.TB, flags ...string) []byte {
	t.Helper()
	dir := t.TempDir()
	source, out := filepath.Join(dir, "main.go"), filepath.Join(dir, "guest.wasm")
	if err := os.WriteFile(source, []byte(guestSource), 0o600); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("go", append(append([]string{"build", "-o", out}, flags...), source)...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=", "GOWORK=off", "GO111MODULE=off")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	file, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestAGoGuestIsAHandler(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a Go guest")
	}
	file := buildGuest(t, "-buildmode=c-shared")
	m := decode(t, file)
	if err := m.Check(Bounds{}); err != nil {
		t.Error(err)
	}
	if kind, err := m.Kind(); kind != Handler {
		t.Errorf("got %v, %v", kind, err)
	}
	s := m.Summary()
	if len(s.Imports) != 1 || s.Imports[0].Module != "wasi_snapshot_preview1" || s.Functions < 500 || s.DataBytes == 0 {
		t.Errorf("got %+v", s)
	}
	e, _ := m.Export("handle")
	if name := m.Names.Function(e.Index); !strings.Contains(name, "handle") {
		t.Errorf("handle is named %q; %d functions have names", name, s.NamedFunctions)
	}
}

func TestAGoCommandIsAProgram(t *testing.T) {
	if testing.Short() {
		t.Skip("builds a Go guest")
	}
	file := buildGuest(t)
	m := decode(t, file)
	if _, ok := m.Export("_start"); !ok {
		t.Error("it does not export _start")
	}
	for _, n := range []int{len(file) / 3, len(file) / 2, len(file) - 1} {
		if _, err := Decode(file[:n]); err == nil || !cutSentence(err.Error()) {
			t.Errorf("the first %d bytes: %v", n, err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	b.SetBytes(int64(len(every)))
	for b.Loop() {
		if _, err := Decode(every); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdmitAGoGuest(b *testing.B) {
	file := buildGuest(b)
	b.SetBytes(int64(len(file)))
	for b.Loop() {
		if _, err := Admit(file, Bounds{}); err != nil {
			b.Fatal(err)
		}
	}
}
