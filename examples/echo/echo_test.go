//go:build linux || darwin || freebsd

// Package echo tests the two programs below it as a learner runs them: as two
// processes over the machine's loopback.
package echo

import (
	"bufio"
	"context"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// bound is the longest a test may take, two builds included.
const bound = 2 * time.Minute

func TestClientAndServerTalk(t *testing.T) {
	ctx := bounded(t)
	server := exec.CommandContext(ctx, build(t, ctx, "server"), "localhost:0")
	var serverOut strings.Builder
	server.Stdout = &serverOut
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

	clientOut, err := exec.CommandContext(ctx, build(t, ctx, "client"), "localhost:"+port[1]).Output()
	if want := "recv: b'HOLLE WORLD!'\n"; string(clientOut) != want || err != nil {
		t.Errorf("the client printed %q, %v; want %q", clientOut, err, want)
	}
	err = server.Wait()
	if want := "recv:  b'holle world!'\n"; serverOut.String() != want || err != nil {
		t.Errorf("the server printed %q, %v; want %q", serverOut.String(), err, want)
	}
}

func TestAnErrorIsPythonsLastLine(t *testing.T) {
	ctx := bounded(t)
	for program, test := range map[string]struct{ address, want string }{
		"client": {"localhost:0", "ConnectionRefusedError: [Errno 111] Connection refused\n"},
		"server": {"192.0.2.1:0", "OSError: [Errno 99] Cannot assign requested address\n"},
	} {
		command := exec.CommandContext(ctx, build(t, ctx, program), test.address)
		var stderr strings.Builder
		command.Stderr = &stderr
		command.Run()
		if command.ProcessState.ExitCode() != 1 || stderr.String() != test.want {
			t.Errorf("%s: exit %d, said %q, want %q", program, command.ProcessState.ExitCode(), stderr.String(), test.want)
		}
	}
}

// bounded returns a context that ends what is left of the test's processes,
// after the test's own clean-up.
func bounded(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), bound)
	t.Cleanup(cancel)
	return ctx
}

// build compiles one of the programs and returns the file's path.
func build(t *testing.T, ctx context.Context, program string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), program)
	if said, err := exec.CommandContext(ctx, "go", "build", "-o", file, "./"+program).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, said)
	}
	return file
}
