//go:build linux || darwin || freebsd

package echo

import (
	"bufio"
	"context"
	"net"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core/coretest"
)

// The notes' programs in Python, and nc, against ours in the sandbox.

func TestTheNotesPythonClientTalksToServe(t *testing.T) {
	ctx := bounded(t)
	python := coretest.NeedProgram(t, "python3")
	port := serve(t, ctx, "upper")
	out, err := exec.CommandContext(ctx, python, "client.py", "localhost", port).CombinedOutput()
	if want := "recv: b'HOLLE WORLD!'\n"; string(out) != want || err != nil {
		t.Errorf("client.py printed %q, %v; want %q", out, err, want)
	}
}

func TestTheNotesPythonServerAnswersOurClientInTheSandbox(t *testing.T) {
	ctx := bounded(t)
	python := coretest.NeedProgram(t, "python3")
	server := begin(t, exec.CommandContext(ctx, python, "server.py", "localhost", "0"))
	port := server.port(t)
	out, err := exec.CommandContext(ctx, sandsock(t, ctx), "run", "notes-client",
		"--allow-connect", "localhost:"+port, "--", "localhost:"+port).Output()
	if want := "recv: b'HOLLE WORLD!'\n"; string(out) != want || err != nil {
		t.Errorf("notes-client printed %q, %v; want %q", out, err, want)
	}
	if said, err := server.wait(); said != "recv:  b'holle world!'\n" || err != nil {
		t.Errorf("server.py printed %q, %v", said, err)
	}
}

func TestTheNotesPythonClientTalksToOurServerInTheSandbox(t *testing.T) {
	ctx := bounded(t)
	python := coretest.NeedProgram(t, "python3")
	server, port := notesServer(t, ctx)
	out, err := untilAnswered(ctx, python, "client.py", "localhost", port)
	if want := "recv: b'HOLLE WORLD!'\n"; string(out) != want || err != nil {
		t.Errorf("client.py printed %q, %v; want %q", out, err, want)
	}
	if said, err := server.wait(); said != "recv:  b'holle world!'\n" || err != nil {
		t.Errorf("notes-server printed %q, %v", said, err)
	}
}

func TestNcTalksToServe(t *testing.T) {
	ctx := bounded(t)
	nc := coretest.NeedProgram(t, "nc")
	port := serve(t, ctx, "upper")
	// -N ends nc's sending when its input ends, so the handler sees the end.
	client := exec.CommandContext(ctx, nc, "-N", "127.0.0.1", port)
	client.Stdin = strings.NewReader("holle world!\n")
	out, err := client.CombinedOutput()
	if want := "HOLLE WORLD!\n"; string(out) != want || err != nil {
		t.Errorf("nc printed %q, %v; want %q", out, err, want)
	}
}

func TestNcAnswersOurClientInTheSandbox(t *testing.T) {
	ctx := bounded(t)
	nc := coretest.NeedProgram(t, "nc")
	server := exec.CommandContext(ctx, nc, "-v", "-l", "127.0.0.1", "0")
	server.Stdin = strings.NewReader("an answer by hand")
	listening := begin(t, server)
	port := listening.port(t)
	out, err := exec.CommandContext(ctx, sandsock(t, ctx), "run", "notes-client",
		"--allow-connect", "127.0.0.1:"+port, "--", "127.0.0.1:"+port).Output()
	if want := "recv: b'an answer by hand'\n"; string(out) != want || err != nil {
		t.Errorf("notes-client printed %q, %v; want %q", out, err, want)
	}
	if said, _ := listening.wait(); said != "holle world!" {
		t.Errorf("nc received %q", said)
	}
}

// sandsock builds the command and returns its path.
func sandsock(t *testing.T, ctx context.Context) string {
	t.Helper()
	return build(t, ctx, "../../cmd/sandsock")
}

// serve begins `sandsock serve` on a free port, which it returns, and ends it
// with the test.
func serve(t *testing.T, ctx context.Context, handler string) (port string) {
	t.Helper()
	server := begin(t, exec.CommandContext(ctx, sandsock(t, ctx), "serve", handler, "--listen", "localhost:0"))
	t.Cleanup(func() {
		server.Process.Signal(os.Interrupt)
		if _, err := server.wait(); err != nil {
			t.Errorf("sandsock serve ended with %v", err)
		}
	})
	return server.port(t)
}

// notesServer begins the notes' server in the sandbox, on a port that was
// free a moment ago: like the notes' own it says nothing before it is done.
func notesServer(t *testing.T, ctx context.Context) (*process, string) {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, _ := net.SplitHostPort(listener.Addr().String())
	listener.Close()
	return begin(t, exec.CommandContext(ctx, sandsock(t, ctx), "run", "notes-server",
		"--allow-listen", "localhost:"+port, "--", "localhost:"+port)), port
}

// untilAnswered runs a client again and again until its server listens.
func untilAnswered(ctx context.Context, command ...string) (out []byte, err error) {
	for {
		out, err = exec.CommandContext(ctx, command[0], command[1:]...).CombinedOutput()
		if ctx.Err() != nil || !strings.Contains(string(out), "ConnectionRefusedError") {
			return out, err
		}
	}
}

// process is a program at work whose standard error is read by lines.
type process struct {
	*exec.Cmd
	out  strings.Builder
	said *bufio.Reader
}

func begin(t *testing.T, command *exec.Cmd) *process {
	t.Helper()
	p := &process{Cmd: command}
	command.Stdout = &p.out
	stderr, err := command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	p.said = bufio.NewReader(stderr)
	return p
}

var listeningPort = regexp.MustCompile(`(?i)(?:listening|serving).*?(\d+)\)?(?: udp)?\n$`)

// port waits for the line that names the port.
func (p *process) port(t *testing.T) string {
	t.Helper()
	line, err := p.said.ReadString('\n')
	found := listeningPort.FindStringSubmatch(line)
	if found == nil {
		t.Fatalf("the first line is %q, %v", line, err)
	}
	return found[1]
}

// wait waits for the end and returns what went to standard output.
func (p *process) wait() (string, error) {
	p.said.WriteTo(&strings.Builder{}) // or the pipe fills up
	err := p.Wait()
	return p.out.String(), err
}
