package main_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/sandsock/sandsock/wasmhost"
)

// buildGuest builds a Go guest of testdata as a handler.
func buildGuest(t testing.TB, name string) []byte {
	t.Helper()
	out := filepath.Join(t.TempDir(), name+".wasm")
	build := exec.Command("go", "build", "-buildmode=c-shared", "-o", out, "./testdata/"+name)
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, text)
	}
	file, err := os.ReadFile(out)
	check(t, err)
	return file
}

// TestAnUnmodifiedGoGuestUsesNetFileConn runs a guest that has only Go's own
// net package: deadlines end its reads, and its other goroutines run while
// one waits for the connection.
func TestAnUnmodifiedGoGuestUsesNetFileConn(t *testing.T) {
	w := serving(t, "fileconn", buildGuest(t, "fileconn"))
	base := measure()
	c := w.dial()
	lines := bufio.NewReader(c)
	ask := func(line string) string {
		t.Helper()
		_, err := fmt.Fprintln(c, line)
		check(t, err)
		reply, err := lines.ReadString('\n')
		check(t, err)
		return reply
	}
	if got := ask("holle world!"); got != "HOLLE WORLD!\n" {
		t.Errorf("the echo is %q", got)
	}
	if got := ask("deadline"); got != "true true\n" {
		t.Errorf("deadlines: %q", got)
	}
	// The guest waits in a read, which only the second of these ends: what
	// answers the first is another goroutine.
	if got := ask("wait"); got != "waits\n" {
		t.Errorf("while it waits: %q", got)
	}
	if got := ask("done"); got != "done <nil>\n" {
		t.Errorf("after the wait: %q", got)
	}
	check(t, c.Close())
	leak(t, base)
	if n := w.count(wasmhost.EventClosed); n != 1 {
		t.Errorf("%d good ends, want 1; failed: %+v", n, w.failed)
	}
}
