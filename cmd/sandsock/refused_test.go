package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core/coretest/faults"
)

// TestWhatIsNoPluginIsRefusedAtTheStart: in one line that names the file, with
// the code for that. What each is told stands in testdata/script. Of all faults
// this one has no neighbour: such a command ends before it serves anybody.
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
		code, out, talk := ranCommand(t, "serve", filepath.Join(folder, name), "--listen", "localhost:0")
		first, _, _ := strings.Cut(talk, "\n")
		if code != exitRefused || !strings.HasPrefix(first, "✘ ") || !strings.Contains(first, name+": ") || out != "" {
			t.Errorf("%s: exit code %d, %q, %q", name, code, first, out)
		}
	}
	faults.Row(t, "T51", fmt.Sprintf("%d files refused, each in a line that names it; the process ends, and has no neighbour", len(files)), faults.Always("a file that is no plugin cannot be served"))
}

// ranCommand runs the command in a process of its own, to its end.
func ranCommand(t *testing.T, args ...string) (code int, out, talk string) {
	t.Helper()
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	command := exec.CommandContext(ctx, executable, args...)
	command.Env = append(os.Environ(), child+"=command")
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); command.ProcessState == nil {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), stdout.String(), stderr.String()
}
