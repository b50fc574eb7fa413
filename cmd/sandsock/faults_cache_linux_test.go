package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// The command as a process of its own, of which the environment says how long
// its files may be (RLIMIT_FSIZE), and which user it becomes.
const (
	fileBytes = "SANDSOCK_TEST_FILE_BYTES"
	becomes   = "SANDSOCK_TEST_USER"
)

func init() {
	children["limited command"] = func() {
		if n, err := strconv.ParseUint(os.Getenv(fileBytes), 10, 64); err == nil {
			_ = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: n, Max: n})
		}
		if id, err := strconv.Atoi(os.Getenv(becomes)); err == nil {
			_ = syscall.Setuid(id)
		}
		main()
	}
}

// served is how a server fared, from its start to its end.
type served struct {
	address string
	said    []string // of trouble
	stderr  string
	err     error // of its start, of the round trip with it, or of its end
}

// serveOnce starts a server, lets a client try it, and ends it.
func serveOnce(try func(address string) error, env []string, args ...string) (s served) {
	cmd := exec.Command("/proc/self/exe", append([]string{"serve", "--listen", "127.0.0.1:0", "--json"}, args...)...)
	cmd.Env = append(append(os.Environ(), child+"=limited command"), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	stdout, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		return served{err: err}
	}
	late := time.AfterFunc(3*patience, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	for in := json.NewDecoder(stdout); ; {
		var r wasmhost.Report
		if in.Decode(&r) != nil {
			break
		}
		switch r.Event {
		case wasmhost.EventTrouble:
			s.said = append(s.said, r.Error)
		case wasmhost.EventServing:
			s.address = strings.TrimPrefix(r.Route, "tcp://")
			s.err = errors.Join(try(s.address), cmd.Process.Signal(os.Interrupt))
		}
	}
	_, _ = io.Copy(io.Discard, stdout)
	if err := cmd.Wait(); s.err == nil {
		s.err = err
	}
	s.stderr = stderr.String()
	return s
}

// upperFile is the bundled handler in a file, which then is a stranger's.
func upperFile(t testing.TB) string {
	t.Helper()
	file, _ := plugins.Open("upper")
	path := filepath.Join(t.TempDir(), "upper.wasm")
	check(t, os.WriteFile(path, file, 0o644))
	return path
}

// long is a handler whose code is longer than its memory, of which the host
// makes a file, too: the image that instances begin from.
func long() fixture {
	f := fixtures["good.wasm"]
	for range 4000 {
		f.functions = append(f.functions, function{"", 0, join(constant(1), []byte{drop})})
	}
	return f
}

// closes waits for the end of a connection.
func closes(address string) error {
	c, err := net.DialTimeout("tcp", address, patience)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(patience))
	_, err = io.Copy(io.Discard, c)
	return err
}

func keptIn(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	check(t, err)
	return found
}

// TestADiskThatIsFullIsServedFrom has no room for what the compiler writes, and
// none for what is kept of it. A limit of files' lengths stands for the disk.
func TestADiskThatIsFullIsServedFrom(t *testing.T) {
	file := filepath.Join(t.TempDir(), "long.wasm")
	check(t, os.WriteFile(file, long().module(), 0o600))
	dir := t.TempDir()
	if s := serveOnce(closes, nil, file, "--cache", dir); s.err != nil || len(s.said) > 0 {
		t.Fatalf("with room for all: %v, says %q, %s", s.err, s.said, s.stderr)
	}
	info, err := os.Stat(keptIn(t, dir)[0])
	check(t, err)
	for room, want := range map[int64]string{
		info.Size() / 3: file + " is served without the cache: the compiled code cannot be kept: file too large",
		info.Size() - 1: "goes on without the cache: DIR: file too large",
	} {
		dir := t.TempDir()
		s := serveOnce(closes, []string{fileBytes + "=" + strconv.FormatInt(room, 10)}, file, "--cache", dir)
		if s.err != nil || len(s.said) != 1 || s.said[0] != strings.ReplaceAll(want, "DIR", dir) {
			t.Errorf("with room for %d bytes: %v, says %q, %s", room, s.err, s.said, s.stderr)
		}
		if kept := keptIn(t, dir); len(kept) > 0 {
			t.Errorf("with room for %d bytes it left %q", room, kept)
		}
	}
	faults.Row(t, "T60", "served from memory, one line", faults.Nothing)
}

func TestACacheThatCannotBeUsedIsNotUsed(t *testing.T) {
	file := upperFile(t)
	parent := t.TempDir()
	path := func(name string) string { return filepath.Join(parent, name) }
	check(t, os.WriteFile(path("file"), nil, 0o600))
	check(t, os.Symlink(t.TempDir(), path("link")))
	for _, name := range []string{"group", "all", "sticky", "stranger"} {
		check(t, os.Mkdir(path(name), 0o700))
	}
	for name, mode := range map[string]os.FileMode{"group": 0o770, "all": 0o707, "sticky": 0o777 | os.ModeSticky} {
		check(t, os.Chmod(path(name), mode))
	}
	refused := []string{"group", "all", "sticky"}
	if os.Geteuid() == 0 {
		check(t, os.Chown(path("stranger"), 12345, -1))
		refused = append(refused, "stranger")
	}
	for _, name := range []string{"file", "link", "file/in"} {
		s := serveOnce(visit, nil, file, "--cache", path(name))
		if s.err != nil || len(s.said) != 1 || !strings.HasPrefix(s.said[0], "goes on without the cache: ") {
			t.Errorf("%s: %v, says %q, %s", name, s.err, s.said, s.stderr)
		}
	}
	for _, name := range refused {
		s := serveOnce(visit, nil, file, "--cache", path(name))
		if s.address != "" || !strings.Contains(s.stderr, "code that is kept there is run") || len(keptIn(t, path(name))) > 0 {
			t.Errorf("%s: served at %q, %v, %s", name, s.address, s.err, s.stderr)
		}
	}
	faults.Row(t, "T62", fmt.Sprintf("a file, a link: served without; writable by others, another's (%d): refused", len(refused)), faults.Nothing)
}

// TestACacheThatCannotBeWrittenIsDoneWithout has the server become a user for
// whom the folder's mode counts. A bundled handler needs no other program,
// which that user might not be let at.
func TestACacheThatCannotBeWrittenIsDoneWithout(t *testing.T) {
	if testing.Short() {
		t.Skip("compiles a Go guest")
	}
	dir := t.TempDir()
	check(t, os.Chmod(dir, 0o500))
	check(t, os.Chmod(filepath.Dir(dir), 0o755)) // t.TempDir makes it for this user only
	env := []string{"TMPDIR=/tmp"}
	if os.Geteuid() == 0 {
		check(t, os.Chown(dir, nobody, -1))
		env = append(env, becomes+"="+strconv.Itoa(nobody))
	}
	s := serveOnce(visit, env, "upper-go", "--cache", dir)
	want := "goes on without the cache: " + dir + ": permission denied"
	if s.err != nil || len(s.said) != 1 || s.said[0] != want {
		t.Errorf("%v, says %q, %s", s.err, s.said, s.stderr)
	}
}

// TestHostsThatShareACacheStartTogether: with nothing in it, with what another
// has just put there, and with damage.
func TestHostsThatShareACacheStartTogether(t *testing.T) {
	const hosts = 4
	file, dir := upperFile(t), filepath.Join(t.TempDir(), "cache")
	const rounds = 6
	for round := range rounds {
		damaged := round%3 == 2
		if kept := keptIn(t, dir); damaged {
			check(t, os.Truncate(kept[0], int64(round*100)))
		} else if round%3 == 0 {
			check(t, os.RemoveAll(dir))
		}
		all := make(chan served)
		for range hosts {
			go func() { all <- serveOnce(visit, nil, file, "--cache", dir) }()
		}
		for range hosts {
			if s := <-all; s.err != nil || len(s.said) > 0 && !damaged {
				t.Errorf("round %d: %v, says %q, %s", round, s.err, s.said, s.stderr)
			}
		}
		if kept := keptIn(t, dir); len(kept) > 1 || len(kept) == 0 && !damaged {
			t.Errorf("round %d: kept %q", round, kept)
		}
	}
	faults.Row(t, "T63", fmt.Sprintf("%d hosts started together, %d times: all serve", hosts, rounds), faults.Nothing)
}
