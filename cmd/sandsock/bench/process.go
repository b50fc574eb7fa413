package bench

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"
)

// Process is a server in a process of its own, so that its memory can be told
// from that of who drives it.
type Process struct {
	Server
	cmd  *exec.Cmd
	read chan struct{} // its output is at its end
}

// Start runs a command and waits until address finds, in a line of its
// standard output, where it serves.
func Start(name string, cmd *exec.Cmd, address func(line string) string) (*Process, error) {
	stdout, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	var said strings.Builder // what it said is why it failed
	cmd.Stderr = &said
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	p := &Process{Server: Server{Name: name}, cmd: cmd, read: make(chan struct{})}
	p.Processor = func() time.Duration { return processorTime(cmd.Process.Pid) }
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	lines := bufio.NewReader(stdout)
	for p.Address == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			_ = cmd.Wait()
			return nil, fmt.Errorf("%s: %s", name, firstLine(said.String()))
		}
		p.Address = address(line)
	}
	go func() {
		defer close(p.read)
		_, _ = io.Copy(io.Discard, lines)
	}()
	return p, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(strings.TrimPrefix(text, "✘ "), "\n")
	if line == "" {
		return "has ended without a word"
	}
	return line
}

// End interrupts the process and waits for its end; after a while it is killed.
func (p *Process) End() error {
	if err := p.cmd.Process.Signal(os.Interrupt); err != nil {
		_ = p.cmd.Process.Kill() // a system without interrupts
	}
	late := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	defer late.Stop()
	<-p.read
	err := p.cmd.Wait()
	var exit *exec.ExitError
	if errors.As(err, &exit) && exit.ExitCode() < 0 {
		return nil // by our signal
	}
	return err
}

// Resident is how much memory of the process is in use, in bytes; 0 where the
// system does not tell. What is mapped many times, such as a snapshot's image,
// counts once (proc(5), Pss in smaps_rollup).
func (p *Process) Resident() int64 {
	rollup, err := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", p.cmd.Process.Pid))
	if err != nil {
		return 0
	}
	_, after, _ := strings.Cut(string(rollup), "\nPss:")
	field, _, _ := strings.Cut(strings.TrimSpace(after), " ")
	kibibytes, _ := strconv.ParseInt(field, 10, 64)
	return kibibytes << 10
}
