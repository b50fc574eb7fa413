package main

import (
	"bufio"
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core/coretest"
)

func TestPythonPrintsTheSame(t *testing.T) {
	linuxOnly(t)
	python := coretest.NeedProgram(t, "python3")
	for _, p := range pages {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			compare(t, p, runPython(t, python, filepath.Join(p.folder(), p.name+".py")))
		})
	}
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
	python := coretest.NeedProgram(t, "python3")
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
