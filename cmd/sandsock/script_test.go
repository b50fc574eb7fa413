package main

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"go.uber.org/goleak"

	"github.com/sandsock/sandsock/core/coretest"
)

// patience bounds every wait of the tests.
const patience = time.Minute

// soon is what comes from a channel, far sooner than it has to.
func soon[T any](t testing.TB, from <-chan T) T {
	t.Helper()
	return coretest.Within(t, patience, from)
}

// children are what this binary is instead of the tests, where the environment
// variable child names one of them: a process of its own, to attack.
var children = map[string]func(){"command": main}

const child = "SANDSOCK_TEST_CHILD"

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == compileCommand { // a compiler is the command run again
		main()
		return
	}
	if run := children[os.Getenv(child)]; run != nil {
		run()
		return
	}
	testscript.Main(leakChecked{m}, map[string]func(){"sandsock": main})
}

// leakChecked fails a run of tests that leaves goroutines.
type leakChecked struct{ *testing.M }

func (m leakChecked) Run() int {
	dir, err := os.MkdirTemp("", "run-*") // servers of the tests are not the user's
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(dir)
	_ = os.Setenv(userRuntime, dir)
	code := m.M.Run()
	if err := goleak.Find(); err != nil && code == 0 {
		_, _ = io.WriteString(os.Stderr, err.Error()+"\n")
		return 1
	}
	return code
}

// TestScripts runs the sessions of testdata/script. Beside testscript's own
// commands they have
//
//	exits CODE PROGRAM ARG...  run a program to its end, which is that code
//	eventually PROGRAM ARG...  run it until it ends well
//	start PROGRAM ARG...       run one in the background
//	see PATTERN [VARIABLE]     wait until its output has a match, and keep the first group
//	interrupt                  send it SIGINT
//	terminate                  send it SIGTERM
//	hangup                     send it SIGHUP
//	ends CODE                  wait for its end; its output is then stdout's and stderr's
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:      "testdata/script",
		Deadline: time.Now().Add(5 * patience),
		Setup: func(env *testscript.Env) error {
			env.Values[background{}] = &process{}
			env.Setenv(userCache, filepath.Join(env.WorkDir, ".cache"))
			env.Setenv(userRuntime, filepath.Join(env.WorkDir, ".run"))
			if err := os.Mkdir(env.Getenv(userRuntime), 0o700); err != nil {
				return err
			}
			return writeFixtures(env.WorkDir)
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"exits":      exits,
			"eventually": eventually,
			"start":      start,
			"see":        see,
			"interrupt":  interrupt,
			"terminate":  terminate,
			"hangup":     hangup,
			"ends":       ends,
		},
	})
}

// userCache is where os.UserCacheDir looks first.
const userCache = "XDG_CACHE_HOME"

// userRuntime is the folder in which servers have the sockets on which they
// answer.
const userRuntime = "XDG_RUNTIME_DIR"

func exits(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	checkCode(ts, ts.Exec(args[1], args[2:]...), want)
}

func eventually(ts *testscript.TestScript, _ bool, args []string) {
	for until := time.Now().Add(patience); ; {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(until) {
			ts.Fatalf("%v", err)
		}
	}
}

func checkCode(ts *testscript.TestScript, err error, want int) {
	got := 0
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		got = exit.ExitCode()
	case err != nil:
		ts.Fatalf("%v", err)
	}
	if got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
}

// background is the key of a script's one process in the background.
type background struct{}

// process is a program in the background; the zero value has not started.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr growing
}

// growing is output that is written while it is looked at.
type growing struct {
	more    chan struct{} // has room for one: there is something new; nil where nobody waits
	mu      sync.Mutex
	content bytes.Buffer
}

func (g *growing) Write(p []byte) (int, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	select {
	case g.more <- struct{}{}:
	default:
	}
	return g.content.Write(p)
}

func (g *growing) String() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.content.String()
}

func (g *growing) Len() int { return len(g.String()) }

func start(ts *testscript.TestScript, _ bool, args []string) {
	p := ts.Value(background{}).(*process)
	if p.cmd != nil {
		ts.Fatalf("there is one in the background already")
	}
	more := make(chan struct{}, 1)
	*p = process{cmd: exec.Command(args[0], args[1:]...), stdout: growing{more: more}, stderr: growing{more: more}}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = ts.MkAbs("."), &p.stdout, &p.stderr
	p.cmd.Env = append(os.Environ(), userCache+"="+ts.Getenv(userCache), userRuntime+"="+ts.Getenv(userRuntime))
	ts.Check(p.cmd.Start())
	ts.Defer(func() {
		if p.cmd != nil {
			_ = p.cmd.Process.Kill()
			_ = p.cmd.Wait()
		}
	})
}

func see(ts *testscript.TestScript, _ bool, args []string) {
	p := ts.Value(background{}).(*process)
	pattern := regexp.MustCompile("(?m)" + args[0])
	late := time.After(patience)
	for {
		output := p.stdout.String() + p.stderr.String()
		if found := pattern.FindStringSubmatch(output); found != nil {
			if len(args) > 1 {
				ts.Setenv(args[1], found[1])
			}
			return
		}
		select {
		case <-p.stdout.more: // stderr's too
		case <-late:
			ts.Fatalf("not seen in\n%s", output)
		}
	}
}

func interrupt(ts *testscript.TestScript, _ bool, _ []string) { signalTo(ts, os.Interrupt) }

func terminate(ts *testscript.TestScript, _ bool, _ []string) { signalTo(ts, syscall.SIGTERM) }

func hangup(ts *testscript.TestScript, _ bool, _ []string) { signalTo(ts, syscall.SIGHUP) }

func signalTo(ts *testscript.TestScript, s os.Signal) {
	ts.Check(ts.Value(background{}).(*process).cmd.Process.Signal(s))
}

func ends(ts *testscript.TestScript, _ bool, args []string) {
	want, err := strconv.Atoi(args[0])
	ts.Check(err)
	p := ts.Value(background{}).(*process)
	late := time.AfterFunc(patience, func() { _ = p.cmd.Process.Kill() })
	err = p.cmd.Wait()
	p.cmd = nil
	if !late.Stop() {
		ts.Fatalf("has not ended:\n%s%s", p.stdout.String(), p.stderr.String())
	}
	_, _ = io.WriteString(ts.Stdout(), p.stdout.String())
	_, _ = io.WriteString(ts.Stderr(), p.stderr.String())
	checkCode(ts, err, want)
}
