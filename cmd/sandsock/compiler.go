package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/sandsock/sandsock/wasmhost"
)

// compiler compiles files that are strangers' in a process of their own, this
// command run again, which can be ended and whose memory ends with it.
//
// Its memory is limited by the kernel on Linux and FreeBSD. On macOS, whose
// kernel does not keep that limit, and on Windows only the deadline holds, and
// what admission bounds.
type compiler struct {
	memory int64         // most, in bytes
	wall   time.Duration // most time
}

// What a compiler is given: more than any file takes that was admitted, as
// wasmhost/module/work.go states it.
const (
	compileMemory = 2 << 30
	compileTime   = 60 * time.Second
	compileCPUs   = 2
)

// compile is a wasmhost.Config.Compile.
func (c compiler) compile(ctx context.Context, dir, _ string, file []byte) error {
	executable, err := os.Executable()
	if err != nil {
		return fmt.Errorf("the compiler cannot be started: %w", err)
	}
	limited, cancel := context.WithTimeout(ctx, c.wall)
	defer cancel()
	stdout, stderr := &head{}, &head{}
	cmd := exec.CommandContext(limited, executable, compileCommand, dir, strconv.FormatInt(c.memory, 10), c.wall.String())
	cmd.Env = c.environment()
	cmd.Stderr = stderr
	cmd.WaitDelay = time.Second
	lowerPriority(cmd)
	stdin, err := cmd.StdinPipe()
	var out io.Reader
	if err == nil {
		out, err = cmd.StdoutPipe()
	}
	if err == nil {
		err = cmd.Start()
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return context.Cause(ctx)
	case err != nil:
		return fmt.Errorf("the compiler cannot be started: %s", systemText(err))
	}
	go sendSized(stdin, file)
	said := make(chan struct{})
	go func() {
		defer close(said)
		_, _ = io.Copy(stdout, out)
	}()
	// Its output ends with it, and the poller sees that: a thread that waits in
	// waitid(2) for seconds can hold up the collection of garbage, and with it
	// every connection. See wasmhost/RATIONALE.md.
	select {
	case <-said:
	case <-limited.Done():
	}
	err = cmd.Wait()
	<-said
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return context.Cause(ctx)
	case limited.Err() != nil:
		return fmt.Errorf("took more than %v to compile", c.wall)
	}
	return c.explain(cmd.ProcessState.ExitCode(), stdout.String(), stderr.String())
}

// environment has nothing of this process's.
func (c compiler) environment() []string {
	return []string{
		"GOMAXPROCS=" + strconv.Itoa(compileCPUs),
		"GOMEMLIMIT=" + strconv.FormatInt(c.memory/4*3, 10), // it collects garbage before it is refused more
		"GOTRACEBACK=none",
	}
}

// sendSized leaves the pipe open: it closes with the process at either end.
func sendSized(stdin io.Writer, file []byte) {
	if binary.Write(stdin, binary.BigEndian, uint64(len(file))) == nil {
		_, _ = stdin.Write(file)
	}
}

// explain says in one sentence what went wrong in the other process. Nothing
// that Go's runtime wrote there is passed on.
func (c compiler) explain(code int, stdout, stderr string) error {
	line, _, _ := strings.Cut(stdout, "\n")
	switch {
	case outOfMemory(stderr):
		return fmt.Errorf("needed more than %s to compile", gibibytes(c.memory))
	case code == exitRefused && line != "":
		return errors.New(printable(line))
	case code == exitFailed && line != "":
		line = strings.TrimPrefix(line, wasmhost.ErrNotKept.Error()+": ")
		return fmt.Errorf("%w: %s", wasmhost.ErrNotKept, printable(line))
	}
	return errors.New("crashed the compiler")
}

// outOfMemory knows the words of Go's runtime, and those of mmap(2). Where the
// runtime is refused memory for itself, or for a thread, it may also die of a
// signal on its own stack, goroutine 0: no error of the compiler brings it there.
func outOfMemory(stderr string) bool {
	for _, words := range []string{
		"out of memory", "cannot allocate memory", "cannot map pages", "failed to create new OS thread", "goroutine 0 ",
	} {
		if strings.Contains(stderr, words) {
			return true
		}
	}
	return false
}

func gibibytes(n int64) string {
	if n%(1<<30) == 0 {
		return strconv.FormatInt(n>>30, 10) + " GiB"
	}
	return strconv.FormatInt(n>>20, 10) + " MiB"
}

// head keeps the first bytes of what is written to it.
type head struct{ kept bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	const most = 16 << 10
	h.kept.Write(p[:min(len(p), most-h.kept.Len())])
	return len(p), nil
}

func (h *head) String() string { return h.kept.String() }
