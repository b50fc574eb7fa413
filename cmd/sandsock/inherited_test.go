//go:build unix

package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

// filer is a listener or a packet conn, whose descriptor can be had.
type filer interface {
	File() (*os.File, error)
	Close() error
}

// left returns the descriptor that a child is left, and where it listens.
func left(t *testing.T, network, address string) (*os.File, string) {
	t.Helper()
	var opened filer
	var at net.Addr
	if strings.HasPrefix(network, "udp") {
		c, err := net.ListenPacket(network, address)
		check(t, err)
		opened, at = c.(*net.UDPConn), c.LocalAddr()
	} else {
		var plain net.ListenConfig
		plain.SetMultipathTCP(false) // whose sockets have no filters
		l, err := plain.Listen(t.Context(), network, address)
		check(t, err)
		opened, at = l.(*net.TCPListener), l.Addr()
	}
	file, err := opened.File()
	check(t, err)
	check(t, opened.Close())
	t.Cleanup(func() { _ = file.Close() })
	return file, at.String()
}

// heir is `sandsock serve` with descriptors from 3 on.
func heir(t *testing.T, files []*os.File, env []string, args ...string) (cmd *exec.Cmd, stdout io.Reader, stderr *growing) {
	t.Helper()
	executable, err := os.Executable()
	check(t, err)
	// With its own number, which is not known before, as systemd says it.
	cmd = exec.Command("sh", append([]string{"-c", `test -z "$LISTEN_FDS" || export LISTEN_PID=${LISTEN_PID:-$$}; exec "$@"`, "sh", executable, "serve", "--json"}, args...)...)
	cmd.Env = append(append(os.Environ(), child+"=command", "TMPDIR="+t.TempDir()), env...)
	cmd.ExtraFiles = files
	stderr = new(growing)
	cmd.Stderr = stderr
	stdout, err = cmd.StdoutPipe()
	check(t, err)
	check(t, cmd.Start())
	late := time.AfterFunc(patience, func() { _ = cmd.Process.Kill() })
	t.Cleanup(func() {
		late.Stop()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, stdout, stderr
}

// endsAsTold ends an heir, which is to end well.
func endsAsTold(t *testing.T, cmd *exec.Cmd, stdout io.Reader, stderr *growing) {
	t.Helper()
	check(t, cmd.Process.Signal(syscall.SIGTERM))
	_, _ = io.Copy(io.Discard, stdout)
	if err := cmd.Wait(); err != nil {
		t.Fatalf("it ends with %v: %s", err, stderr)
	}
}

// nextReports returns the next n of an event.
func nextReports(t *testing.T, in *json.Decoder, name string, n int) (found []wasmhost.Report) {
	t.Helper()
	for len(found) < n {
		var r wasmhost.Report
		if err := in.Decode(&r); err != nil {
			t.Fatalf("%d of %d reports %q came: %v", len(found), n, name, err)
		}
		if r.Event == name {
			found = append(found, r)
		}
	}
	return found
}

func upperAt(t *testing.T, network, address string) {
	t.Helper()
	c, err := net.DialTimeout(network, address, patience)
	check(t, err)
	defer c.Close()
	check(t, c.SetDeadline(time.Now().Add(patience)))
	if got := roundTripOf(t, c, "abc"); got != "ABC" {
		t.Errorf("%s %s answers %q", network, address, got)
	}
}

func roundTripOf(t *testing.T, c net.Conn, text string) string {
	t.Helper()
	_, err := io.WriteString(c, text)
	check(t, err)
	reply := make([]byte, len(text))
	_, err = io.ReadFull(c, reply)
	check(t, err)
	return string(reply)
}

// TestInheritedSocketsAreServed: of each family and type, by a port that was
// not asked for, by a name, and a client that came before the server did.
func TestInheritedSocketsAreServed(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	free, freeAt := left(t, "tcp4", "127.0.0.1:0")
	v4, v4At := left(t, "tcp4", "127.0.0.1:0")
	udp, udpAt := left(t, "udp4", "127.0.0.1:0")
	other, otherAt := left(t, "tcp4", "127.0.0.1:0")
	files := []*os.File{other, v4, udp, free}
	early, err := net.DialTimeout("tcp", v4At, patience)
	check(t, err)
	defer early.Close()
	check(t, early.SetDeadline(time.Now().Add(patience)))
	echoes := filepath.Join(t.TempDir(), "echo.wasm")
	check(t, os.WriteFile(echoes, fixtures["datagrams.wasm"].module(), 0o666))
	name := inherit.NameOf("tcp://127.0.0.1:0")
	cmd, stdout, stderr := heir(t, files, []string{"LISTEN_FDS=4", "LISTEN_FDNAMES=unknown:unknown:x:" + name},
		"--no-control", "--route", v4At+"=upper", "--route", "127.0.0.1:0=upper", "--route", "udp://"+udpAt+"="+echoes)
	in := json.NewDecoder(stdout)
	if r := nextReports(t, in, wasmhost.EventTrouble, 1)[0]; r.Error != "tcp://"+otherAt+" was inherited, and no route listens there: it is closed" {
		t.Errorf("of a socket without a route it says %q", r.Error)
	}
	for _, r := range nextReports(t, in, wasmhost.EventServing, 3) {
		if r.Route != "tcp://"+v4At && r.Route != "tcp://"+freeAt && r.Route != "udp://"+udpAt {
			t.Errorf("%s is no inherited one", r.Route)
		}
	}
	if got := roundTripOf(t, early, "first"); got != "FIRST" {
		t.Errorf("who was there before gets %q", got)
	}
	check(t, early.Close())
	upperAt(t, "tcp", v4At)
	upperAt(t, "tcp", freeAt)
	c, err := net.Dial("udp", udpAt)
	check(t, err)
	defer c.Close()
	check(t, c.SetDeadline(time.Now().Add(patience)))
	if got := roundTripOf(t, c, "abc"); got != "abc" {
		t.Errorf("a datagram is answered with %q", got)
	}
	endsAsTold(t, cmd, stdout, stderr)
}

// TestAllAddressesAreThoseOfAnInheritedIPv6Socket is systemd's
// ListenStream=7000, which is one socket for both families.
func TestAllAddressesAreThoseOfAnInheritedIPv6Socket(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	l, err := net.Listen("tcp", "[::]:0")
	if err != nil {
		t.Skipf("no IPv6 here: %v", err)
	}
	_, port, _ := net.SplitHostPort(l.Addr().String())
	file, err := l.(*net.TCPListener).File()
	check(t, err)
	defer file.Close()
	check(t, l.Close())
	_, stdout, _ := heir(t, []*os.File{file}, []string{"LISTEN_FDS=1"}, "upper", "--no-control", "--listen", ":"+port)
	nextReports(t, json.NewDecoder(stdout), wasmhost.EventServing, 1)
	upperAt(t, "tcp4", "127.0.0.1:"+port)
	upperAt(t, "tcp6", "[::1]:"+port)
}

// TestABoundSocketListens as soon as it is inherited, if it did not before.
func TestABoundSocketListens(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	fd, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM, 0)
	check(t, err)
	file := os.NewFile(uintptr(fd), "bound")
	defer file.Close()
	check(t, syscall.Bind(fd, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	_, stdout, _ := heir(t, []*os.File{file}, []string{"LISTEN_FDS=1"}, "upper", "--no-control", "--listen", "127.0.0.1:0")
	at := nextReports(t, json.NewDecoder(stdout), wasmhost.EventServing, 1)[0].Route
	name, err := syscall.Getsockname(fd)
	check(t, err)
	if want := fmt.Sprintf("tcp://127.0.0.1:%d", name.(*syscall.SockaddrInet4).Port); at != want {
		t.Errorf("it serves on %s, want %s", at, want)
	}
	upperAt(t, "tcp", strings.TrimPrefix(at, "tcp://"))
}

func TestWhatCannotBeInheritedIsOneSentence(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	listener, at := left(t, "tcp4", "127.0.0.1:0")
	null, err := os.Open(os.DevNull)
	check(t, err)
	defer null.Close()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	client, err := net.Dial("tcp", l.Addr().String())
	check(t, err)
	defer client.Close()
	connection, err := client.(*net.TCPConn).File()
	check(t, err)
	defer connection.Close()
	for _, tt := range []struct {
		file *os.File
		env  []string
		want string
	}{
		{listener, []string{"LISTEN_FDS=many"}, `LISTEN_FDS="many": it is how many sockets are inherited, a whole number up to 1024`},
		{listener, []string{"LISTEN_FDS=-1"}, `LISTEN_FDS="-1": it is how many sockets are inherited, a whole number up to 1024`},
		{listener, []string{"LISTEN_FDS=1", "LISTEN_PID=me"}, `LISTEN_PID="me": it is the number of a process`},
		{listener, []string{"LISTEN_FDS=1", "LISTEN_FDNAMES=a:b"}, "LISTEN_FDNAMES has 2 names, and LISTEN_FDS is 1"},
		{listener, []string{"LISTEN_FDS=900"}, "descriptor"}, // of the runtime, or closed
		{null, []string{"LISTEN_FDS=1"}, "descriptor 3, by LISTEN_FDS: it is no socket"},
		{connection, []string{"LISTEN_FDS=1"}, "descriptor 3, by LISTEN_FDS: it is a connection, and no socket that waits for any"},
	} {
		cmd, stdout, stderr := heir(t, []*os.File{tt.file}, tt.env, "upper", "--no-control", "--listen", at)
		out, _ := io.ReadAll(stdout)
		_ = cmd.Wait()
		said, _, _ := strings.Cut(stderr.String(), "\n")
		if cmd.ProcessState.ExitCode() != exitUsage || len(out) > 0 || !strings.HasPrefix(said, "✘ cannot inherit sockets: "+tt.want) {
			t.Errorf("%v: exit code %d, says %q", tt.env, cmd.ProcessState.ExitCode(), said)
		}
	}
}

// TestSocketsOfAnotherProcessAreNotTaken: it is a child of who should have.
func TestSocketsOfAnotherProcessAreNotTaken(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	listener, at := left(t, "tcp4", "127.0.0.1:0")
	cmd, _, stderr := heir(t, []*os.File{listener}, []string{"LISTEN_FDS=1", fmt.Sprintf("LISTEN_PID=%d", os.Getpid())}, "upper", "--no-control", "--listen", at)
	_ = cmd.Wait()
	if !strings.Contains(stderr.String(), "cannot listen on") || cmd.ProcessState.ExitCode() != exitFailed {
		t.Errorf("exit code %d, says %q", cmd.ProcessState.ExitCode(), stderr)
	}
}

// TestAnInheritedSocketIsAsGoodAsBefore once its heir has ended: systemd's
// waits for the next.
func TestAnInheritedSocketIsAsGoodAsBefore(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	listener, at := left(t, "tcp4", "127.0.0.1:0")
	for range 2 {
		cmd, stdout, stderr := heir(t, []*os.File{listener}, []string{"LISTEN_FDS=1"}, "upper", "--no-control", "--listen", at)
		nextReports(t, json.NewDecoder(stdout), wasmhost.EventServing, 1)
		upperAt(t, "tcp", at)
		endsAsTold(t, cmd, stdout, stderr)
	}
	c, err := net.DialTimeout("tcp", at, patience) // waits in the queue
	if err != nil {
		t.Fatalf("nobody can connect any more: %v", err)
	}
	check(t, c.Close())
}
