package main

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"time"
)

// compilerProcess is a process that waits for one file to compile.
type compilerProcess struct {
	cmd            *exec.Cmd
	stdin          io.Writer
	stdout, stderr *head
	said           chan struct{} // closed when its output has ended, and so has it
}

// start starts a process, with nothing of this one's environment.
func (c compiler) start() (*compilerProcess, error) {
	executable, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("the compiler cannot be started: %w", err)
	}
	p := &compilerProcess{stdout: &head{}, stderr: &head{}, said: make(chan struct{})}
	p.cmd = exec.Command(executable, compileCommand, strconv.FormatInt(c.memory, 10), c.wall.String())
	p.cmd.Env = []string{
		"GOMAXPROCS=" + strconv.Itoa(compileCPUs),
		"GOMEMLIMIT=" + strconv.FormatInt(c.memory/4*3, 10), // it collects garbage before it is refused more
		"GOTRACEBACK=none",
	}
	p.cmd.Stderr = p.stderr
	p.cmd.WaitDelay = time.Second
	lowerPriority(p.cmd)
	var stdout io.Reader
	if p.stdin, err = p.cmd.StdinPipe(); err == nil {
		stdout, err = p.cmd.StdoutPipe()
	}
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		return nil, fmt.Errorf("the compiler cannot be started: %s", systemText(err))
	}
	go func() {
		defer close(p.said)
		_, _ = io.Copy(p.stdout, stdout)
	}()
	return p, nil
}

// compile sends the folder and the file, and returns the exit code, which is
// negative where the process was ended. The pipe to it stays open: it closes
// with the process at either end.
func (p *compilerProcess) compile(ctx context.Context, dir string, file []byte) (code int) {
	go func() {
		for _, part := range [][]byte{[]byte(dir), file} {
			_ = binary.Write(p.stdin, binary.BigEndian, uint64(len(part)))
			_, _ = p.stdin.Write(part)
		}
	}()
	// Its output ends with it, and the poller sees that: a thread that waits in
	// waitid(2) for seconds can hold up the collection of garbage, and with it
	// every connection. See wasmhost/RATIONALE.md.
	select {
	case <-p.said:
	case <-ctx.Done():
		_ = p.cmd.Process.Kill()
	}
	return p.wait()
}

// end ends a process that was given nothing.
func (p *compilerProcess) end() {
	_ = p.cmd.Process.Kill()
	p.wait()
}

func (p *compilerProcess) wait() (code int) {
	_ = p.cmd.Wait()
	<-p.said
	return p.cmd.ProcessState.ExitCode()
}

// gone reports whether it ended before it was asked for anything.
func (p *compilerProcess) gone() bool {
	select {
	case <-p.said:
		return true
	default:
		return false
	}
}

// head keeps the first bytes of what is written to it.
type head struct{ kept bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	const most = 16 << 10
	h.kept.Write(p[:min(len(p), most-h.kept.Len())])
	return len(p), nil
}

func (h *head) String() string { return h.kept.String() }
