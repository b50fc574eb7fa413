//go:build unix

package supervise

import (
	"bufio"
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
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
	if os.Getenv("SUPERVISE_TEST_FREEZES") != "" {
		h.frozen.Lock()
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
	_ = raw.Control(func(fd uintptr) { h.supervisor.Keep("web", int(fd), false) })
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
	h.listener, err = net.FileListener(os.NewFile(inherit.FirstDescriptor, ""))
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
