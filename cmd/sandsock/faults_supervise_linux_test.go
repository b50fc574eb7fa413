package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/wasmhost"
)

func init() { children["unmetered"] = unmetered }

// unmetered is the command without fuel, which collects garbage all the time:
// an endless loop freezes it as a bug of the host would. Should nobody be left
// to end it, the kernel does.
func unmetered() {
	const seconds = 60
	_ = syscall.Setrlimit(syscall.RLIMIT_CPU, &syscall.Rlimit{Cur: seconds, Max: seconds})
	go func() {
		for range time.Tick(50 * time.Millisecond) {
			runtime.GC()
		}
	}()
	leftOut = wasmhost.DefenceFuel
	main()
}

// supervised is a server that can be asked, and its supervisor where it has one.
type supervised struct {
	*hostProcess
	control string
}

func startSupervised(t *testing.T, as string, content []byte, flags ...string) supervised {
	t.Helper()
	file := filepath.Join(t.TempDir(), "mine.wasm")
	check(t, os.WriteFile(file, content, 0o666))
	s := supervised{control: controlSocket(t)}
	s.hostProcess = startAs(t, as, append([]string{
		file, "--listen", "127.0.0.1:0", "--route", "127.0.0.1:0=upper", "--control", s.control,
	}, flags...)...)
	s.serves(file, "upper")
	return s
}

// pid is the host's, or an error if it does not answer within a second.
func (s supervised) pid() (int, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	answer, err := control.AskOnce(ctx, s.control, control.Request{Do: control.DoStatus})
	if err != nil || answer.Status == nil {
		return 0, errors.Join(err, errors.New("no status"))
	}
	return answer.Status.PID, nil
}

// eventuallyPid is the number of a host that has just begun to serve.
func (s supervised) eventuallyPid() int {
	s.t.Helper()
	for until := time.Now().Add(patience); ; {
		pid, err := s.pid()
		if err == nil {
			return pid
		}
		if time.Now().After(until) {
			s.t.Fatal(err)
		}
	}
}

// freeze has the host freeze, and returns when that began.
func (s supervised) freeze() time.Time {
	s.t.Helper()
	began := time.Now()
	s.dial(0)
	for until := began.Add(patience); ; {
		if _, err := s.pid(); err != nil {
			return began
		}
		if time.Now().After(until) {
			s.t.Fatal("it does not freeze")
		}
	}
}

// asked is what a client of the neighbour's gets who comes now.
func (s supervised) asked(within time.Duration) error {
	c, err := net.DialTimeout("tcp", s.addresses[1], within)
	if err != nil {
		return err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(within))
	return exchange(c)
}

// TestAFrozenHostIsStartedAgain: a guest that cannot be interrupted holds up the
// collection of garbage, and that everything.
func TestAFrozenHostIsStartedAgain(t *testing.T) {
	s := startSupervised(t, "unmetered", loops().module(), "--supervise")
	pid := s.eventuallyPid()
	began := s.freeze()
	if err := s.asked(3 * patience); err != nil {
		t.Fatalf("who connected while it was frozen gets %v: %s", err, s.stderr.String())
	}
	took := time.Since(began)
	if now := s.eventuallyPid(); now == pid {
		t.Errorf("host %d answers again", pid)
	}
	said := s.waitFor(wasmhost.EventTrouble, 1).Error
	if want := "host " + strconv.Itoa(pid) + " was silent for too long, and was killed; it is started again"; said != want {
		t.Errorf("it says %q, want %q", said, want)
	}
	check(t, s.cmd.Process.Signal(syscall.SIGTERM))
	if code := s.ends(); code != exitWell {
		t.Errorf("it ends with %d: %s", code, s.stderr.String())
	}
	faults.Row(t, "T64", fmt.Sprintf("who connected meanwhile is answered %v after the freeze, by another host on the same socket", short(took)), frozenAlone(t))
}

// frozenAlone is what becomes of a host without a supervisor.
func frozenAlone(t *testing.T) string {
	t.Helper()
	const within = 10 * time.Second
	if testing.Short() {
		return faults.Always("not looked at, in short")
	}
	s := startSupervised(t, "unmetered", loops().module())
	s.freeze()
	err := s.asked(within)
	if !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("without a supervisor a client gets %v", err)
	}
	return fmt.Sprintf("a client gets no answer for %v", within)
}

// TestAHostThatIsKilledRefusesNobody: clients come all the time. Who is
// connected at the moment of the kill loses that connection, and no other does.
func TestAHostThatIsKilledRefusesNobody(t *testing.T) {
	s := startSupervised(t, "command", marked("v001"), "--supervise")
	pid := s.eventuallyPid()
	c := s.crowdThatComesAgain(16)
	s.waitFor(wasmhost.EventClosed, 100)
	check(t, syscall.Kill(pid, syscall.SIGKILL))
	s.waitFor(wasmhost.EventServing, 4) // two routes, twice
	s.waitFor(wasmhost.EventClosed, s.count(wasmhost.EventClosed)+100)
	err := c.end()
	if errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("a client was refused: %v", err)
	}
	if lost := len(c.errs); lost > 16 {
		t.Errorf("%d connections of 16 clients were lost: %v", lost, err)
	}
	if now := s.eventuallyPid(); now == pid {
		t.Errorf("host %d answers again", pid)
	}
	check(t, s.cmd.Process.Signal(syscall.SIGTERM))
	if code := s.ends(); code != exitWell || s.stderr.Len() > 0 {
		t.Errorf("it ends with %d and says %q", code, s.stderr.String())
	}
}

// crowdThatComesAgain is a crowd whose clients come again when they have lost a
// connection.
func (s supervised) crowdThatComesAgain(clients int) *crowd {
	c := &crowd{address: s.addresses[0], stay: 8, over: make(chan struct{}), marks: map[string]int{}}
	for range clients {
		c.all.Go(func() {
			for again := true; again; {
				c.visit(c.stay)
				select {
				case <-c.over:
					again = false
				default:
				}
			}
		})
	}
	return c
}

// TestATermSignalThroughTheSupervisorLosesNoReply: also where the host is not
// the first, and has its sockets from the one before.
func TestATermSignalThroughTheSupervisorLosesNoReply(t *testing.T) {
	for _, restarted := range []bool{false, true} {
		t.Run(fmt.Sprintf("restarted=%v", restarted), func(t *testing.T) {
			s := startSupervised(t, "command", marked("v001"), "--supervise")
			if pid := s.eventuallyPid(); restarted {
				check(t, syscall.Kill(pid, syscall.SIGKILL))
				s.waitFor(wasmhost.EventServing, 4)
			}
			const clients = 32
			c := s.crowd(clients, 8, 0)
			s.waitFor(wasmhost.EventClosed, 10*clients)
			s.terminate()
			c.all.Wait() // each until it is refused
			if n := c.refused(); n != clients || len(c.errs) != clients || c.marks[""] != clients {
				t.Errorf("%d of %d clients were refused, the others lost a reply: %v", n, clients, errors.Join(c.errs...))
			}
			if code := s.ends(); code != exitWell || s.stderr.Len() > 0 {
				t.Errorf("it ends with %d and says %q", code, s.stderr.String())
			}
		})
	}
}

// TestAServerWhoseSupervisorDiesDrains: no server is left that nobody looks after.
func TestAServerWhoseSupervisorDiesDrains(t *testing.T) {
	s := startSupervised(t, "command", marked("v001"), "--supervise")
	s.eventuallyPid()
	c := s.dial(0)
	_, err := ask(c)
	check(t, err)
	check(t, s.cmd.Process.Kill())
	s.waitFor(wasmhost.EventDraining, 2)
	if mark, err := ask(c); mark != "v001" || err != nil {
		t.Errorf("who is connected gets %q, %v", mark, err)
	}
	check(t, c.Close())
	s.ends() // its standard output has ended, so it has
	if n := s.count(wasmhost.EventClosed); n != 1 {
		t.Errorf("%d connections were closed", n)
	}
	if _, err := s.pid(); !errors.Is(err, control.ErrNobody) {
		t.Errorf("it answers: %v", err)
	}
}

// TestWhatCannotBeServedIsNotStartedAgain: a wrong flag, a bad file.
func TestWhatCannotBeServedIsNotStartedAgain(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.wasm")
	check(t, os.WriteFile(bad, []byte("bad"), 0o666))
	for _, c := range []struct {
		arg  string
		code int
		says string
	}{
		{"--lisen=:1", exitUsage, "there is no flag --lisen"},
		{"--listen=192.0.2.1:0", exitFailed, "cannot listen on"},
		{bad, exitRefused, "bad.wasm"},
	} {
		h := startCommand(t, "--supervise", c.arg)
		if code := h.ends(); code != c.code {
			t.Errorf("%s: it ends with %d", c.arg, code)
		}
		if said := h.stderr.String(); strings.Count(said, "✘") != 1 || !strings.Contains(said, c.says) {
			t.Errorf("%s: it says %q", c.arg, said)
		}
	}
}
