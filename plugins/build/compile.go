package main

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// compile builds a plugin from the repository at root into the file out.
func compile(root string, p plugin, out string) error {
	if strings.HasSuffix(p.source, ".wat") {
		arguments := []string{p.source, "-o", out}
		if p.invalid {
			arguments = append(arguments, "--no-check")
		}
		_, err := run(root, os.Environ(), "wat2wasm", arguments...)
		return err
	}
	arguments := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -buildid=", "-o", out}
	if !p.program {
		arguments = append(arguments, "-buildmode=c-shared")
	}
	environment := append(goEnvironment(os.Environ()), "GOOS=wasip1", "GOARCH=wasm")
	_, err := run(root, environment, "go", append(arguments, "./"+p.source)...)
	return err
}

// keptGo are the settings of the go command that say where things are and do
// not reach the code it makes.
var keptGo = []string{"GOROOT", "GOPATH", "GOCACHE", "GOMODCACHE", "GOTMPDIR", "GOPROXY", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GONOSUMDB"}

// goEnvironment returns an environment in which the go command makes the same
// file for everyone: nobody's flags, experiments or workspace, and no other
// toolchain than the one that was called.
func goEnvironment(from []string) []string {
	var environment []string
	for _, entry := range from {
		name, _, _ := strings.Cut(entry, "=")
		if !strings.HasPrefix(name, "GO") && !strings.HasPrefix(name, "CGO_") || slices.Contains(keptGo, name) {
			environment = append(environment, entry)
		}
	}
	return append(environment, "GOENV=off", "GOWORK=off", "GOTOOLCHAIN=local", "GOFLAGS=", "GOEXPERIMENT=", "GOWASM=", "CGO_ENABLED=0")
}

// tools are the programs that made the files, as SHA256SUMS records them.
type tools struct{ golang, wat2wasm string }

func (t tools) String() string { return t.golang + " and wat2wasm " + t.wat2wasm }

// findTools asks the programs for their versions.
func findTools(root string) (tools, error) {
	golang, err := run(root, goEnvironment(os.Environ()), "go", "env", "GOVERSION")
	if err != nil {
		return tools{}, err
	}
	wat2wasm, err := run(root, os.Environ(), "wat2wasm", "--version")
	return tools{golang, wat2wasm}, err
}

// findRoot returns the folder of the module's go.mod.
func findRoot() (string, error) {
	file, err := run(".", os.Environ(), "go", "env", "GOMOD")
	if err != nil {
		return "", err
	}
	root := filepath.Dir(file)
	if _, err := os.Stat(filepath.Join(root, stubFolder)); err != nil {
		return "", errors.New("this is not sandsock's repository: run it there as go run ./plugins/build")
	}
	return root, nil
}

// whereTools says how to get a program that is missing.
var whereTools = map[string]string{
	"go":       "put the Go toolchain on the PATH",
	"wat2wasm": "install wabt, as with apt-get install wabt, or npm install wabt",
}

// run runs a program in a folder and returns what it printed, trimmed.
func run(folder string, environment []string, program string, arguments ...string) (string, error) {
	command := exec.Command(program, arguments...)
	command.Dir, command.Env = folder, environment
	printed, err := command.Output()
	var exit *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return "", fmt.Errorf("%s is not installed: %s", program, whereTools[program])
	case errors.As(err, &exit):
		return "", fmt.Errorf("%s %s: %s", program, strings.Join(arguments, " "), strings.TrimSpace(string(exit.Stderr)))
	case err != nil:
		return "", fmt.Errorf("%s: %w", program, err)
	}
	return strings.TrimSpace(string(printed)), nil
}
