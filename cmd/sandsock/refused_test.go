package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core/coretest/faults"
)

// TestWhatIsNoPluginIsRefusedAtTheStart: in one line that names the file, with
// the code for that. What each is told stands in testdata/script.
func TestWhatIsNoPluginIsRefusedAtTheStart(t *testing.T) {
	folder := t.TempDir()
	if err := writeFixtures(folder); err != nil {
		t.Fatal(err)
	}
	component := filepath.Join(folder, "component.wasm")
	if err := os.WriteFile(component, []byte("\x00asm\x0d\x00\x01\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	files := []string{"missing.wasm", "empty.wasm", "text.wasm", "elf.wasm", "component.wasm", "truncated.wasm", "lacking.wasm"}
	for _, name := range files {
		var out, talk bytes.Buffer
		path := filepath.Join(folder, name)
		code := run([]string{"serve", path, "--listen", "localhost:0", "--no-cache"}, strings.NewReader(""), &out, &talk, nil)
		first, _, _ := strings.Cut(talk.String(), "\n")
		if code != exitRefused || !strings.HasPrefix(first, "✘ ") || !strings.Contains(first, name+": ") || out.Len() > 0 {
			t.Errorf("%s: exit code %d, %q, %q", name, code, first, out.String())
		}
	}
	faults.Row(t, "T51", fmt.Sprintf("%d files refused, each in a line that names it", len(files)), faults.Nothing)
}
