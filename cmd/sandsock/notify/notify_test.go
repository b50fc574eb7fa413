//go:build unix

package notify

import (
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
	"golang.org/x/sys/unix"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 10 * time.Second

// listening is a supervisor's socket, which the environment names.
func listening(t *testing.T) *net.UnixConn {
	t.Helper()
	dir, err := os.MkdirTemp("", "notify-*") // a test's own may be too long for a socket
	check(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	path := filepath.Join(dir, "s")
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	check(t, err)
	t.Cleanup(func() { _ = socket.Close() })
	check(t, socket.SetReadDeadline(time.Now().Add(patience)))
	t.Setenv("NOTIFY_SOCKET", path)
	return socket
}

func found(t *testing.T) *Supervisor {
	t.Helper()
	s, err := FromEnvironment()
	check(t, err)
	if s == nil {
		t.Fatal("there is no supervisor")
	}
	t.Cleanup(s.Close)
	return s
}

// heard is one message, and the descriptors that came with it.
func heard(t *testing.T, socket *net.UnixConn) (text string, descriptors []int) {
	t.Helper()
	p, control := make([]byte, 4096), make([]byte, 1024)
	n, controlled, _, _, err := socket.ReadMsgUnix(p, control)
	check(t, err)
	parts, err := unix.ParseSocketControlMessage(control[:controlled])
	check(t, err)
	for i := range parts {
		if got, err := unix.ParseUnixRights(&parts[i]); err == nil {
			descriptors = append(descriptors, got...)
		}
	}
	return string(p[:n]), descriptors
}

func check(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func TestTheMessagesAreThoseOfTheManualPage(t *testing.T) {
	socket := listening(t)
	s := found(t)
	for want, tell := range map[string]func(){
		"READY=1\nSTATUS=2 routes":             func() { s.Ready("2 routes") },
		"STOPPING=1\nSTATUS=draining STATUS=x": func() { s.Stopping("draining\nSTATUS=x") },
		"FDSTOREREMOVE=1\nFDNAME=web":          func() { s.Forget("web") },
	} {
		tell()
		if got, descriptors := heard(t, socket); got != want || len(descriptors) > 0 {
			t.Errorf("told is %q with %d descriptors, want %q", got, len(descriptors), want)
		}
	}
	var before, after unix.Timespec
	check(t, unix.ClockGettime(unix.CLOCK_MONOTONIC, &before))
	s.Reloading()
	check(t, unix.ClockGettime(unix.CLOCK_MONOTONIC, &after))
	got, _ := heard(t, socket)
	usec, err := strconv.ParseInt(strings.TrimPrefix(got, "RELOADING=1\nMONOTONIC_USEC="), 10, 64)
	if err != nil || usec < before.Nano()/1000 || usec > after.Nano()/1000 {
		t.Errorf("told is %q, and the clock was between %d and %d", got, before.Nano()/1000, after.Nano()/1000)
	}
}

func TestADescriptorIsSentWithItsName(t *testing.T) {
	socket := listening(t)
	s := found(t)
	read, write, err := os.Pipe()
	check(t, err)
	defer read.Close()
	s.Keep("web", int(write.Fd()), true)
	check(t, write.Close())
	text, descriptors := heard(t, socket)
	if text != "FDSTORE=1\nFDNAME=web\nX_SANDSOCK_SHARED=1" || len(descriptors) != 1 {
		t.Fatalf("told is %q with %d descriptors", text, len(descriptors))
	}
	kept := os.NewFile(uintptr(descriptors[0]), "kept")
	_, err = kept.WriteString("x")
	check(t, err)
	check(t, kept.Close())
	if got := make([]byte, 2); true {
		if n, err := read.Read(got); string(got[:n]) != "x" {
			t.Errorf("the other end of the pipe reads %q, %v", got[:n], err)
		}
	}
}

func TestSyncWaitsForTheSupervisor(t *testing.T) {
	socket := listening(t)
	s := found(t)
	synced := make(chan struct{})
	go func() {
		defer close(synced)
		s.Sync()
	}()
	text, descriptors := heard(t, socket)
	if text != "BARRIER=1" || len(descriptors) != 1 {
		t.Fatalf("told is %q with %d descriptors", text, len(descriptors))
	}
	select {
	case <-synced:
		t.Error("it did not wait")
	case <-time.After(Patience / 10):
	}
	check(t, unix.Close(descriptors[0]))
	<-synced
}

// TestASupervisorThatDoesNotReadHoldsNobodyUp: the queue is full.
func TestASupervisorThatDoesNotReadHoldsNobodyUp(t *testing.T) {
	listening(t)
	s := found(t)
	late := time.AfterFunc(patience, func() { panic("it waits for ever") })
	defer late.Stop()
	for full := false; !full; {
		check(t, s.socket.SetWriteDeadline(time.Now().Add(Patience/10)))
		_, err := s.socket.Write(make([]byte, 1024))
		full = err != nil
	}
	s.Ready("")
}

func TestTheWatchdogIsToldTwiceAsOftenAsItWants(t *testing.T) {
	const silence = 200 * time.Millisecond
	t.Setenv("WATCHDOG_USEC", strconv.FormatInt(silence.Microseconds(), 10))
	t.Setenv("WATCHDOG_PID", strconv.Itoa(os.Getpid()))
	socket := listening(t)
	s := found(t)
	if s.silent != silence {
		t.Fatalf("it may be silent for %v", s.silent)
	}
	stuck, free := make(chan struct{}), make(chan struct{})
	calls := 0
	end := s.Watch(func() string {
		if calls++; calls == 3 {
			close(stuck)
			<-free
		}
		return "call " + strconv.Itoa(calls)
	})
	for i := 1; i <= 2; i++ {
		if got, _ := heard(t, socket); got != "WATCHDOG=1\nSTATUS=call "+strconv.Itoa(i) {
			t.Errorf("told is %q", got)
		}
	}
	<-stuck
	check(t, socket.SetReadDeadline(time.Now().Add(2*silence)))
	if n, err := socket.Read(make([]byte, 100)); err == nil {
		t.Errorf("while the status does not come, %d bytes are told", n)
	}
	close(free)
	check(t, socket.SetReadDeadline(time.Now().Add(patience)))
	if got, _ := heard(t, socket); got != "WATCHDOG=1\nSTATUS=call 3" {
		t.Errorf("told is %q", got)
	}
	end()
}

func TestTheEnvironment(t *testing.T) {
	pid := strconv.Itoa(os.Getpid())
	for _, c := range []struct {
		usec, pid string
		want      time.Duration
	}{
		{"5000000", "", 5 * time.Second},
		{"5000000", pid, 5 * time.Second},
		{"5000000", pid + "0", 0},
		{"5000000", "x", 0},
		{"", pid, 0},
		{"0", "", 0},
		{"-1", "", 0},
		{"5s", "", 0},
		{"9223372036854775807", "", 0},
	} {
		t.Setenv("WATCHDOG_USEC", c.usec)
		t.Setenv("WATCHDOG_PID", c.pid)
		listening(t)
		if s := found(t); s.silent != c.want {
			t.Errorf("%+v: it may be silent for %v", c, s.silent)
		}
		for _, name := range []string{"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"} {
			if value, set := os.LookupEnv(name); set {
				t.Errorf("%s is still %q", name, value)
			}
		}
	}
}

func TestWhereThereIsNoSupervisor(t *testing.T) {
	t.Setenv("WATCHDOG_USEC", "1000000")
	s, err := FromEnvironment()
	if s != nil || err != nil {
		t.Errorf("it is %v, %v", s, err)
	}
	s.Ready("")
	s.Reloading()
	s.Stopping("")
	s.Keep("web", 0, false)
	s.Forget("web")
	s.Sync()
	s.Watch(func() string { panic("nobody wants to know") })()
	s.Close()
	for _, address := range []string{"relative", "vsock:2:1", filepath.Join(t.TempDir(), "none")} {
		t.Setenv("NOTIFY_SOCKET", address)
		if s, err := FromEnvironment(); s != nil || err == nil {
			t.Errorf("%s: it is %v, %v", address, s, err)
		}
	}
}
