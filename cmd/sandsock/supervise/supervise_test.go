//go:build unix

package supervise

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

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
	s.wasFrozen(c, pid)
}

// TestAHostThatFreezesAsItBeginsIsStartedAgain: it has said that it serves, and
// nothing since.
func TestAHostThatFreezesAsItBeginsIsStartedAgain(t *testing.T) {
	t.Setenv("SUPERVISE_TEST_FREEZES", "yes")
	s := start(t, silence)
	c := dial(t, s.address)
	s.wasFrozen(c, ask(t, c, "pid"))
}

// wasFrozen waits for the end of a host that a client is connected with.
func (s *supervised) wasFrozen(c net.Conn, pid string) {
	t := s.t
	t.Helper()
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

// Who is there is served, and who comes is refused, although the supervisor has
// had the socket too.
func TestAHostThatWasAskedToEndDrains(t *testing.T) {
	s := start(t, 0)
	c := dial(t, s.address)
	pid := ask(t, c, "pid")
	close(s.drain)
	refused(t, s.address)
	if again := ask(t, c, "pid"); again != pid {
		t.Errorf("host %s answers, not %s", again, pid)
	}
	check(t, c.Close())
	if code := s.code(); code != 0 {
		t.Errorf("the exit code is %d", code)
	}
}

// That is so however it ends.
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
