package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// compile is the experiment where Python's answer comes when the program runs
// and Go's before: it compiles one line, which has a server and a client, and
// returns the compiler's word, or success where there is none.
func compile(line, success string) (string, error) {
	folder, err := os.MkdirTemp("", "claim")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(folder)
	file := filepath.Join(folder, "main.go")
	if err := os.WriteFile(file, []byte(program(line)), 0o600); err != nil {
		return "", err
	}
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	said, err := exec.CommandContext(ctx, "go", "build", "-o", os.DevNull, file).CombinedOutput()
	if err == nil {
		return success, nil
	}
	return compilerWord(string(said))
}

func program(line string) string {
	return `package main

import "github.com/sandsock/sandsock/core"

var server, client core.Socket

func main() { ` + line + ` }
`
}

// compilerWord returns the message of the first error: what stands behind
// main.go:7:15.
func compilerWord(said string) (string, error) {
	for line := range strings.Lines(said) {
		if _, at, found := strings.Cut(line, "main.go:"); found {
			parts := strings.SplitN(strings.TrimSpace(at), ": ", 2)
			if len(parts) == 2 {
				return "does not compile: " + parts[1], nil
			}
		}
	}
	return "", fmt.Errorf("go build said %q", said)
}
