package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/cmd/sandsock/inherit"
)

// toldSupervisor is a supervisor that only hears.
type toldSupervisor struct {
	t      *testing.T
	socket *net.UnixConn
}

// next is what a server says next, besides that it lives. A barrier is passed.
func (s toldSupervisor) next() string {
	s.t.Helper()
	for {
		p, control := make([]byte, 4096), make([]byte, 1024)
		n, controlled, _, _, err := s.socket.ReadMsgUnix(p, control)
		check(s.t, err)
		parts, err := unix.ParseSocketControlMessage(control[:controlled])
		check(s.t, err)
		for _, part := range parts {
			descriptors, _ := unix.ParseUnixRights(&part)
			for _, d := range descriptors {
				_ = unix.Close(d)
			}
		}
		var lines []string
		for line := range strings.SplitSeq(string(p[:n]), "\n") {
			if !strings.HasPrefix(line, "MONOTONIC_USEC=") {
				lines = append(lines, line)
			}
		}
		if lines[0] != "WATCHDOG=1" {
			return strings.Join(lines, " ")
		}
	}
}

// TestWhatSystemdIsTold: its sockets, that it serves, reloads and stops. A
// route that is gone, and one of a server that stops, is kept no more: who
// comes is refused.
func TestWhatSystemdIsTold(t *testing.T) {
	path := controlSocket(t)
	socket, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: path, Net: "unixgram"})
	check(t, err)
	s := toldSupervisor{t, socket}
	defer s.socket.Close()
	check(t, s.socket.SetReadDeadline(time.Now().Add(3*patience)))
	t.Setenv("NOTIFY_SOCKET", path)
	t.Setenv("WATCHDOG_USEC", "1000000")
	file := filepath.Join(t.TempDir(), "s.toml")
	write := func(listens ...string) {
		var text strings.Builder
		for _, l := range listens {
			fmt.Fprintf(&text, "[[route]]\nlisten = %q\nhandler = \"upper\"\n", l)
		}
		check(t, os.WriteFile(file, []byte(text.String()), 0o666))
	}
	name := func(url string) string { return "FDNAME=" + inherit.NameOf(url) }
	hears := func(want ...string) {
		t.Helper()
		var got []string
		for range want {
			got = append(got, s.next())
		}
		if !slices.Equal(got, want) {
			t.Fatalf("told is\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	write("127.0.0.1:0", "udp://127.0.0.1:0", "127.0.0.1:0")
	h := startCommand(t, "-f", file, "--no-watch")
	hears(
		"FDSTORE=1 "+name("tcp://127.0.0.1:0"), "FDSTORE=1 "+name("udp://127.0.0.1:0"), "FDSTORE=1 "+name("tcp://127.0.0.1:0")+"-2",
		"READY=1 STATUS=serving 3 routes, 0 connections open")
	write("127.0.0.1:0", "localhost:0")
	check(t, h.cmd.Process.Signal(syscall.SIGHUP))
	hears(
		"RELOADING=1",
		"FDSTOREREMOVE=1 "+name("udp://127.0.0.1:0"), "FDSTOREREMOVE=1 "+name("tcp://127.0.0.1:0")+"-2", "BARRIER=1",
		"FDSTORE=1 "+name("tcp://localhost:0"),
		"READY=1 STATUS=serving 2 routes, 0 connections open")
	check(t, h.cmd.Process.Signal(syscall.SIGTERM))
	hears(
		"STOPPING=1 STATUS=draining 2 routes, 0 connections open",
		"FDSTOREREMOVE=1 "+name("tcp://127.0.0.1:0"), "FDSTOREREMOVE=1 "+name("tcp://localhost:0"), "BARRIER=1")
	if code := h.ends(); code != exitWell {
		t.Errorf("it ends with %d: %s", code, h.stderr.String())
	}
}
