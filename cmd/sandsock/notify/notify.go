// Package notify tells whoever started this process how it fares, in the words
// of systemd, which any supervisor may know: datagrams of assignments, each a
// line, to the Unix socket that the environment names. See sd_notify(3) for the
// messages and sd_watchdog_enabled(3) for the watchdog.
//
// It never reads, and nobody has to listen: what cannot be sent within [Patience]
// is lost. On Windows there is no such supervisor, and the package does nothing.
package notify

import (
	"errors"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

// Patience is how long a message may wait for room in the supervisor's queue.
const Patience = time.Second

// Supervisor is who is told. Nil is nobody: all methods may be called on it.
// They may be called from any goroutine.
type Supervisor struct {
	socket *net.UnixConn
	raw    syscall.RawConn
	silent time.Duration // after which a process counts as frozen; 0: never
}

// FromEnvironment returns the supervisor that NOTIFY_SOCKET names, and takes
// that variable, WATCHDOG_USEC and WATCHDOG_PID out of the environment: what
// this process starts is not the supervisor's. It returns nil where there is
// none, and an error where the one named cannot be reached.
func FromEnvironment() (*Supervisor, error) {
	address := take("NOTIFY_SOCKET")
	silent := watchdog(take("WATCHDOG_USEC"), take("WATCHDOG_PID"))
	if address == "" || !speaks {
		return nil, nil
	}
	if address[0] != '/' && address[0] != '@' { // which net takes for abstract, as systemd does
		return nil, errors.New(strconv.Quote(address) + " is no path of a socket")
	}
	socket, err := net.DialUnix("unixgram", nil, &net.UnixAddr{Name: address, Net: "unixgram"})
	if err != nil {
		return nil, err
	}
	raw, err := socket.SyscallConn()
	if err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return &Supervisor{socket: socket, raw: raw, silent: silent}, nil
}

func take(name string) string {
	defer os.Unsetenv(name)
	return os.Getenv(name)
}

// watchdog is how long this process may be silent: WATCHDOG_USEC, in
// microseconds, unless WATCHDOG_PID says that it is meant for another.
func watchdog(usec, pid string) time.Duration {
	n, err := strconv.ParseInt(usec, 10, 64)
	const most = int64(1<<63-1) / int64(time.Microsecond)
	if err != nil || n <= 0 || n > most || pid != "" && pid != strconv.Itoa(os.Getpid()) {
		return 0
	}
	return time.Duration(n) * time.Microsecond
}

// Close ends the telling.
func (s *Supervisor) Close() {
	if s != nil {
		_ = s.socket.Close()
	}
}

// Ready tells that the process serves, or again serves after Reloading.
func (s *Supervisor) Ready(status string) { s.tell(nil, "READY=1", statusLine(status)) }

// Reloading tells that it reads its configuration again. Ready ends that.
func (s *Supervisor) Reloading() { s.tell(nil, "RELOADING=1", monotonic()) }

// Stopping tells that it has been asked to end, and does.
func (s *Supervisor) Stopping(status string) { s.tell(nil, "STOPPING=1", statusLine(status)) }

// Keep gives the supervisor a descriptor to keep beside this process's own, for
// the process that it starts should this one end: there it is found by the name,
// in LISTEN_FDNAMES (sd_listen_fds(3)). A name is up to 255 printable ASCII
// characters without a colon. One that is shared somebody else has as well; a
// supervisor that does not know the line that says so takes no notice of it.
func (s *Supervisor) Keep(name string, descriptor int, shared bool) {
	lines := []string{"FDSTORE=1", "FDNAME=" + name}
	if shared {
		lines = append(lines, SharedLine+"=1")
	}
	s.tell(rights(descriptor), lines...)
}

// SharedLine is the name of a line of our own, as names of others begin.
const SharedLine = "X_SANDSOCK_SHARED"

// Forget has the supervisor close what it keeps by that name.
func (s *Supervisor) Forget(name string) { s.tell(nil, "FDSTOREREMOVE=1", "FDNAME="+name) }

// Sync returns once the supervisor has done all it was told before, or after
// Patience: it closes the end of a pipe that it is sent (sd_notify_barrier(3)).
func (s *Supervisor) Sync() {
	if s == nil {
		return
	}
	read, write, err := os.Pipe()
	if err != nil {
		return
	}
	defer read.Close()
	s.tell(rights(int(write.Fd())), "BARRIER=1")
	_ = write.Close()
	_ = read.SetReadDeadline(time.Now().Add(Patience))
	_, _ = read.Read(make([]byte, 1))
}

// Watch shows the supervisor that this process lives, if it wants that, twice
// as often as it has to. Before each time it calls status, whose text is told
// as well; while status does not return, nothing is told. The function it
// returns ends that.
func (s *Supervisor) Watch(status func() string) (end func()) {
	if s == nil || s.silent == 0 {
		return func() {}
	}
	over := make(chan struct{})
	var watch sync.WaitGroup
	watch.Go(func() {
		tick := time.NewTicker(max(s.silent/2, time.Millisecond))
		defer tick.Stop()
		for {
			s.tell(nil, "WATCHDOG=1", statusLine(status()))
			select {
			case <-tick.C:
			case <-over:
				return
			}
		}
	})
	return func() {
		close(over)
		watch.Wait()
	}
}

func statusLine(status string) string {
	return "STATUS=" + strings.ReplaceAll(status, "\n", " ")
}

func (s *Supervisor) tell(rights []byte, lines ...string) {
	if s == nil {
		return
	}
	_ = s.socket.SetWriteDeadline(time.Now().Add(Patience))
	send(s.raw, []byte(strings.Join(lines, "\n")), rights)
}
