//go:build unix

package supervise

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sandsock/sandsock/cmd/sandsock/notify"
)

const (
	patience = 30 * time.Second
	// silence is short, and still far above what a busy machine takes a process
	// to say that it lives.
	silence = 2 * time.Second
	// played is the environment variable that makes this binary another program.
	played = "SUPERVISE_TEST_PLAYS"
)

func TestMain(m *testing.M) {
	switch os.Getenv(played) {
	case "":
		goleak.VerifyTestMain(m)
	case "supervisor":
		_, _ = Run(Config{Command: hostCommand, Silence: silence, Say: func(text string) { fmt.Println(text) }})
	case "host":
		playHost()
	}
}

func hostCommand() *exec.Cmd {
	executable, err := os.Executable()
	if err != nil {
		panic(err)
	}
	cmd := exec.Command(executable)
	if signal.Ignored(syscall.SIGHUP) { // as nohup(1) leaves it, to all that come after
		cmd = exec.Command("env", "--default-signal=HUP", executable)
	}
	cmd.Env = append(os.Environ(), played+"=host")
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	return cmd
}

// address is where the host listens: the environment variable that says so, so
// that a test can find it.
const address = "SUPERVISE_TEST_ADDRESS"

// playHost serves clients who say what it is to do, a word a line.
func playHost() {
	h := &playedHost{}
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	supervised := IsSupervised()
	Guard(func() { term <- syscall.SIGTERM })
	h.supervisor, _ = notify.FromEnvironment()
	if os.Getenv("SUPERVISE_TEST_REFUSES") != "" || !supervised || IsSupervised() {
		os.Exit(3)
	}
	h.supervisor.Watch(func() string {
		h.frozen.Lock()
		defer h.frozen.Unlock()
		return ""
	})
	if h.listen() != nil {
		os.Exit(4)
	}
	raw, err := h.listener.(*net.TCPListener).SyscallConn() // a File would make it block
	if err != nil {
		os.Exit(5)
	}
	_ = raw.Control(func(fd uintptr) { h.supervisor.Keep("web", int(fd)) })
	h.supervisor.Ready("")
	go h.accept()
	<-term
	_ = h.listener.Close()
	h.open.Wait()
	os.Exit(0)
}

type playedHost struct {
	supervisor *notify.Supervisor
	listener   net.Listener
	frozen     sync.Mutex
	open       sync.WaitGroup
}

func (h *playedHost) listen() (err error) {
	if os.Getenv("LISTEN_FDS") == "" {
		h.listener, err = net.Listen("tcp", os.Getenv(address))
		return err
	}
	if os.Getenv("LISTEN_FDNAMES") != "web" {
		return errors.New("strange name")
	}
	h.listener, err = net.FileListener(os.NewFile(firstDescriptor, ""))
	return err
}

func (h *playedHost) accept() {
	for {
		c, err := h.listener.Accept()
		if err != nil {
			return
		}
		h.open.Go(func() {
			defer c.Close()
			for lines := bufio.NewScanner(c); lines.Scan(); {
				h.do(c, lines.Text())
			}
		})
	}
}

func (h *playedHost) do(c net.Conn, what string) {
	word, n, _ := strings.Cut(what, " ")
	number, _ := strconv.Atoi(n)
	switch word {
	case "pid":
		fmt.Fprintln(c, os.Getpid())
	case "inherits":
		fmt.Fprintln(c, cmp.Or(os.Getenv("LISTEN_FDNAMES"), "nothing"))
	case "freeze":
		h.frozen.Lock()
	case "exit":
		os.Exit(number)
	case "stopping":
		h.supervisor.Stopping("")
		h.supervisor.Sync()
		fmt.Fprintln(c, "told")
	case "forget":
		h.supervisor.Forget("web")
		h.supervisor.Sync()
		fmt.Fprintln(c, "forgotten")
	}
}

// supervised is a supervisor in the test's own process.
type supervised struct {
	t          *testing.T
	address    string
	drain, cut chan struct{}
	hangups    chan os.Signal
	ended      chan int

	mu     sync.Mutex
	starts int
	said   []string
}

func start(t *testing.T, silence time.Duration) *supervised {
	t.Helper()
	s := &supervised{
		t: t, address: freeAddress(t), drain: make(chan struct{}), cut: make(chan struct{}),
		hangups: make(chan os.Signal, 1), ended: make(chan int, 1),
	}
	t.Setenv(address, s.address)
	config := Config{
		Command: func() *exec.Cmd {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.starts++
			return hostCommand()
		},
		Silence: silence, Drain: s.drain, Cut: s.cut, Hangups: s.hangups,
		Say: func(text string) {
			s.mu.Lock()
			defer s.mu.Unlock()
			s.said = append(s.said, text)
		},
	}
	over := make(chan struct{})
	go func() {
		defer close(over)
		code, err := Run(config)
		if err != nil {
			t.Errorf("it cannot be supervised: %v", err)
		}
		s.ended <- code
	}()
	t.Cleanup(func() {
		for _, ask := range []chan struct{}{s.drain, s.cut} {
			select {
			case <-ask:
			default:
				close(ask)
			}
		}
		<-over
	})
	return s
}

// freeAddress is of a port that was free a moment ago.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer l.Close()
	return l.Addr().String()
}

// dial returns once the address accepts, which it does not before the first
// host has begun.
func dial(t *testing.T, address string) net.Conn {
	t.Helper()
	for until := time.Now().Add(patience); ; {
		c, err := net.DialTimeout("tcp", address, patience)
		if err == nil {
			check(t, c.SetDeadline(time.Now().Add(patience)))
			t.Cleanup(func() { _ = c.Close() })
			return c
		}
		if !errors.Is(err, syscall.ECONNREFUSED) || time.Now().After(until) {
			t.Fatal(err)
		}
	}
}

// again connects to a socket that is there.
func (s *supervised) again() net.Conn {
	s.t.Helper()
	c, err := net.DialTimeout("tcp", s.address, patience)
	check(s.t, err)
	check(s.t, c.SetDeadline(time.Now().Add(patience)))
	s.t.Cleanup(func() { _ = c.Close() })
	return c
}

func say(t *testing.T, c net.Conn, what string) {
	t.Helper()
	_, err := fmt.Fprintln(c, what)
	check(t, err)
}

func ask(t *testing.T, c net.Conn, what string) string {
	t.Helper()
	say(t, c, what)
	line, err := bufio.NewReader(c).ReadString('\n')
	check(t, err)
	return strings.TrimSpace(line)
}

func (s *supervised) code() int {
	s.t.Helper()
	select {
	case code := <-s.ended:
		return code
	case <-time.After(patience):
		s.t.Fatal("it does not end")
		return 0
	}
}

func (s *supervised) seen() (starts int, said []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.starts, slices.Clone(s.said)
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestAHostThatDiesIsStartedAgainOnItsSocket(t *testing.T) {
	s := start(t, 0)
	c := dial(t, s.address)
	pid := ask(t, c, "pid")
	say(t, c, "exit 9")
	_, _ = io.Copy(io.Discard, c) // it is dead
	c = s.again()
	second := ask(t, c, "pid")
	if second == pid {
		t.Errorf("host %s has answered twice", pid)
	}
	starts, said := s.seen()
	if want := "host " + pid + " ended with exit code 9; it is started again"; starts != 2 || !slices.Equal(said, []string{want}) {
		t.Errorf("after %d starts it says %q, want %q", starts, said, want)
	}
	number, err := strconv.Atoi(second)
	check(t, err)
	check(t, syscall.Kill(number, syscall.SIGKILL))
	_, _ = io.Copy(io.Discard, c)
	if third := ask(t, s.again(), "pid"); third == second {
		t.Errorf("host %s has answered again", second)
	}
	if _, said := s.seen(); said[1] != "host "+second+" ended by signal 9 (killed); it is started again in 1s, and clients wait" {
		t.Errorf("it says %q", said[1])
	}
}

func TestAHostThatFreezesIsStartedAgain(t *testing.T) {
	s := start(t, silence)
	c := dial(t, s.address)
	pid := ask(t, c, "pid")
	say(t, c, "freeze")
	_, _ = io.Copy(io.Discard, c)
	if second := ask(t, s.again(), "pid"); second == pid {
		t.Errorf("host %s answers", pid)
	}
	if _, said := s.seen(); !slices.Equal(said, []string{"host " + pid + " was silent for too long, and was killed; it is started again"}) {
		t.Errorf("it says %q", said)
	}
}

func TestAHostThatNeverServedIsNotStartedAgain(t *testing.T) {
	t.Setenv("SUPERVISE_TEST_REFUSES", "yes")
	s := start(t, 0)
	if code := s.code(); code != 3 {
		t.Errorf("the exit code is %d", code)
	}
	if starts, said := s.seen(); starts != 1 || len(said) > 0 {
		t.Errorf("after %d starts it says %q", starts, said)
	}
}

func TestAHostThatEndsWellIsNotStartedAgain(t *testing.T) {
	s := start(t, 0)
	say(t, dial(t, s.address), "exit 0")
	if code := s.code(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
	if starts, said := s.seen(); starts != 1 || len(said) > 0 {
		t.Errorf("after %d starts it says %q", starts, said)
	}
}

// TestAHostThatWasAskedToEnd drains: who is there is served, who comes is
// refused, although the supervisor has had the socket too.
func TestAHostThatWasAskedToEndDrains(t *testing.T) {
	s := start(t, 0)
	c := dial(t, s.address)
	pid := ask(t, c, "pid")
	close(s.drain)
	for until := time.Now().Add(patience); ; {
		other, err := net.DialTimeout("tcp", s.address, patience)
		if errors.Is(err, syscall.ECONNREFUSED) {
			break
		}
		if err == nil {
			_ = other.Close()
		}
		if time.Now().After(until) {
			t.Fatalf("who comes gets %v", err)
		}
	}
	if again := ask(t, c, "pid"); again != pid {
		t.Errorf("host %s answers, not %s", again, pid)
	}
	check(t, c.Close())
	if code := s.code(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
}

// TestAHostThatSaidItStops is not started again, however it ends.
func TestAHostThatSaidItStopsIsNotStartedAgain(t *testing.T) {
	s := start(t, 0)
	c := dial(t, s.address)
	ask(t, c, "stopping")
	say(t, c, "exit 9")
	if code := s.code(); code != 9 {
		t.Errorf("the exit code is %d", code)
	}
}

func TestWhatIsForgottenIsClosed(t *testing.T) {
	s := start(t, 0)
	c := dial(t, s.address)
	ask(t, c, "forget")
	say(t, c, "exit 9")
	_, _ = io.Copy(io.Discard, c)
	// The next host opens a socket of its own; until then there is none, or
	// that of a process that ends.
	for until := time.Now().Add(patience); ; {
		c := dial(t, s.address)
		_, _ = fmt.Fprintln(c, "inherits")
		line, err := bufio.NewReader(c).ReadString('\n')
		if err == nil {
			if line != "nothing\n" {
				t.Errorf("the next host inherits %s", line)
			}
			return
		}
		if time.Now().After(until) {
			t.Fatal(err)
		}
	}
}

func TestAHangupIsPassedOn(t *testing.T) {
	s := start(t, 0)
	ask(t, dial(t, s.address), "pid")
	s.hangups <- syscall.SIGHUP
	if code := s.code(); code != 128+int(syscall.SIGHUP) {
		t.Errorf("of a host that does not know it the exit code is %d", code)
	}
}

// apart starts a supervisor in a process of its own, with a folder for what is
// temporary.
func apart(t *testing.T) (cmd *exec.Cmd, at, dir string) {
	t.Helper()
	executable, err := os.Executable()
	check(t, err)
	at, dir = freeAddress(t), t.TempDir()
	cmd = exec.Command(executable)
	cmd.Env = append(os.Environ(), played+"=supervisor", address+"="+at, "TMPDIR="+dir)
	check(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	return cmd, at, dir
}

func TestAHostWithoutASupervisorDrains(t *testing.T) {
	supervisor, at, dir := apart(t)
	c := dial(t, at)
	pid, err := strconv.Atoi(ask(t, c, "pid"))
	check(t, err)
	check(t, supervisor.Process.Kill())
	_ = supervisor.Wait()
	for until := time.Now().Add(patience); ; {
		other, err := net.DialTimeout("tcp", at, patience)
		if err == nil {
			_ = other.Close()
		}
		if errors.Is(err, syscall.ECONNREFUSED) {
			break
		}
		if time.Now().After(until) {
			t.Fatal("it goes on to accept")
		}
	}
	if again := ask(t, c, "pid"); again != strconv.Itoa(pid) {
		t.Errorf("host %s answers", again)
	}
	check(t, c.Close())
	for until := time.Now().Add(patience); syscall.Kill(pid, 0) == nil; {
		if time.Now().After(until) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
			t.Fatal("the host does not end")
		}
	}
	if left, err := os.ReadDir(dir); len(left) > 0 || err != nil {
		t.Errorf("left is %v, %v", left, err)
	}
}

// TestASupervisorThatWasStoppedItself finds a watchdog that has run out and
// messages that wait: it hears them first.
func TestASupervisorThatWasStoppedItselfKillsNobody(t *testing.T) {
	supervisor, at, _ := apart(t)
	c := dial(t, at)
	pid := ask(t, c, "pid")
	check(t, supervisor.Process.Signal(syscall.SIGSTOP))
	<-time.After(2 * silence)
	check(t, supervisor.Process.Signal(syscall.SIGCONT))
	<-time.After(silence / 2)
	if again := ask(t, c, "pid"); again != pid {
		t.Errorf("host %s answers", again)
	}
}

func TestPausesGrow(t *testing.T) {
	for deaths, want := range []time.Duration{0, 1, 2, 4, 8, 16, 30, 30} {
		if got := pauseAfter(deaths); got != want*time.Second {
			t.Errorf("after %d deaths the pause is %v", deaths, got)
		}
	}
	if got := pauseAfter(1 << 40); got != 30*time.Second {
		t.Errorf("after many it is %v", got)
	}
}

func TestTheFolderOfAMailboxIsTheUsersAlone(t *testing.T) {
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), strings.Repeat("long", 30)))
	check(t, os.Mkdir(os.Getenv("TMPDIR"), 0o700))
	m, err := openMailbox()
	check(t, err)
	info, err := os.Stat(filepath.Dir(m.path))
	check(t, err)
	if info.Mode().Perm() != 0o700 {
		t.Errorf("its mode is %o", info.Mode().Perm())
	}
	check(t, m.close())
	if _, err := os.Stat(filepath.Dir(m.path)); !os.IsNotExist(err) {
		t.Errorf("at the end it is there: %v", err)
	}
}
