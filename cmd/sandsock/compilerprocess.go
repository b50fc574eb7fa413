package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// compilerProcess is a process that waits for one file to compile.
type compilerProcess struct {
	cmd    *exec.Cmd
	stdin  io.Writer
	said   chan struct{} // closed when it has said what came of it, or is gone
	line   string        // then: what it said
	stderr *head
	ended  chan struct{} // closed when its output has ended, and so has it
}

// start starts a process, with nothing of this one's environment. Ahead is
// whether its file is yet to come.
func (c compiler) start(ahead bool) (*compilerProcess, error) {
	executable, err := thisProgram()
	if err != nil {
		return nil, fmt.Errorf("the compiler cannot be started: %w", err)
	}
	p := &compilerProcess{stderr: &head{}, said: make(chan struct{}), ended: make(chan struct{})}
	p.cmd = exec.Command(executable, compileCommand, strconv.FormatInt(c.memory, 10), c.wall.String())
	if ahead {
		p.cmd.Args = append(p.cmd.Args, aheadOfTime)
	}
	p.cmd.Env = []string{
		"GOMAXPROCS=" + strconv.Itoa(compileCPUs),
		"GOGC=200",
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
	go p.listen(stdout)
	return p, nil
}

// thisProgram is the file that this process runs. An upgrade may have put
// another in its place, of which the compiler may be another, too.
func thisProgram() (string, error) {
	if runtime.GOOS == "linux" {
		return "/proc/self/exe", nil // proc(5): of whoever executes it
	}
	return os.Executable()
}

func (p *compilerProcess) listen(stdout io.Reader) {
	defer close(p.ended)
	line, _ := bufio.NewReader(io.LimitReader(stdout, mostSaid)).ReadString('\n')
	p.line = strings.TrimSuffix(line, "\n")
	close(p.said)
	_, _ = io.Copy(io.Discard, stdout)
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
	// The poller sees what it says, and that it is gone: a thread that waits in
	// waitid(2) for seconds can hold up the collection of garbage, and with it
	// every connection. See wasmhost/RATIONALE.md.
	select {
	case <-p.said:
	case <-ctx.Done():
		_ = p.cmd.Process.Kill()
		<-p.said
	}
	if p.line == compiledWord {
		go p.end()
		return exitWell
	}
	return p.wait()
}

// end ends a process of which nothing is wanted any more.
func (p *compilerProcess) end() {
	_ = p.cmd.Process.Kill()
	p.wait()
}

func (p *compilerProcess) wait() (code int) {
	<-p.ended
	_ = p.cmd.Wait()
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

// mostSaid is how much is kept of what it prints, in bytes.
const mostSaid = 16 << 10

// head keeps the first bytes of what is written to it.
type head struct{ kept bytes.Buffer }

func (h *head) Write(p []byte) (int, error) {
	h.kept.Write(p[:min(len(p), mostSaid-h.kept.Len())])
	return len(p), nil
}

func (h *head) String() string { return h.kept.String() }
