package main

import (
	"bufio"
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

func TestPythonPrintsTheSame(t *testing.T) {
	linuxOnly(t)
	python := findPython(t)
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			compare(t, p, runPython(t, python, filepath.Join(p.folder(), p.name+".py")))
		})
	}
}

// findPython returns the python3 of this machine. Without one the test is
// skipped, and fails where everything has to run.
func findPython(t *testing.T) string {
	t.Helper()
	python, err := exec.LookPath("python3")
	switch {
	case err == nil:
		return python
	case os.Getenv("SANDSOCK_FULL") == "1":
		t.Fatal("python3 is missing, and SANDSOCK_FULL=1 wants it")
	default:
		t.Skip("python3 is missing")
	}
	return ""
}

func runPython(t *testing.T, python string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	defer cancel()
	command := exec.CommandContext(ctx, python, args...)
	var said strings.Builder
	command.Stderr = &said
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, said.String())
	}
	return string(out)
}

// TestTheExerciseInPythonIsTwoPrograms runs the notes' two programs as a
// learner does.
func TestTheExerciseInPythonIsTwoPrograms(t *testing.T) {
	linuxOnly(t)
	python := findPython(t)
	ctx, cancel := context.WithTimeout(t.Context(), bound)
	defer cancel()
	server := exec.CommandContext(ctx, python, "5-exercise/server.py", "0")
	var out strings.Builder
	server.Stdout = &out
	stderr, err := server.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	line, _ := bufio.NewReader(stderr).ReadString('\n')
	port := regexp.MustCompile(`^listening on \('127\.0\.0\.1', (\d+)\)\n$`).FindStringSubmatch(line)
	if port == nil {
		t.Fatalf("the server said %q", line)
	}
	if got, want := runPython(t, python, "5-exercise/client.py", port[1]), "recv: b'HOLLE WORLD!'\n"; got != want {
		t.Errorf("the client printed %q, want %q", got, want)
	}
	err = server.Wait()
	if want := "recv:  b'holle world!'\n"; out.String() != want || err != nil {
		t.Errorf("the server printed %q, %v; want %q", out.String(), err, want)
	}
}
