package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/sandsock/sandsock/core/coretest/faults"
)

// The operator who asks for an address that cannot be had.

// nobody is a user without rights.
const nobody = 65534

// privilegedPort is one that only some may listen on.
const privilegedPort = 1

// withoutRights has a command become a user who may not listen on that port. A
// machine may let everybody: a network of its own does not
// (Documentation/networking/ip-sysctl.rst, ip_unprivileged_port_start).
func withoutRights(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	if os.Geteuid() == 0 {
		cmd.Env = append(cmd.Env, becomes+"="+strconv.Itoa(nobody))
	}
	first, err := os.ReadFile("/proc/sys/net/ipv4/ip_unprivileged_port_start")
	check(t, err)
	if n, err := strconv.Atoi(strings.TrimSpace(string(first))); err == nil && n > privilegedPort {
		return
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	if os.Geteuid() != 0 {
		cmd.SysProcAttr.Cloneflags |= syscall.CLONE_NEWUSER
	}
}

// TestAnAddressThatCannotBeHadEndsTheStart: of two routes the first is good,
// and neither is served. The neighbour has the address that is taken.
func TestAnAddressThatCannotBeHadEndsTheStart(t *testing.T) {
	h, _ := startServe(t, marked("v001"))
	neighbour := h.beside(h.visitNeighbour)
	datagrams, err := net.ListenPacket("udp", "127.0.0.1:0")
	check(t, err)
	defer datagrams.Close()
	_, taken, _ := net.SplitHostPort(h.addresses[1])
	_, takenOfUDP, _ := net.SplitHostPort(datagrams.LocalAddr().String())
	tests := []struct{ name, route, words, next string }{
		{"taken", "127.0.0.1:" + taken, "('127.0.0.1', " + taken + "): address already in use", "choose another with --listen, port 0 picks a free one"},
		{"taken by datagrams", "udp://127.0.0.1:" + takenOfUDP, "('127.0.0.1', " + takenOfUDP + "): address already in use", "choose another with --listen, port 0 picks a free one"},
		{"another machine's", "192.0.2.7:0", "('192.0.2.7', 0): cannot assign requested address", "it is no address of this machine: try --listen localhost:0"},
		{"privileged", ":1", "('0.0.0.0', 1): permission denied", "ports below 1024 need a right of their own: choose one above with --listen"},
	}
	seen := 0
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(context.Background(), patience)
			defer cancel()
			cmd := exec.CommandContext(ctx, "/proc/self/exe", "serve", "--json", "--no-control", "--no-cache", "--route", "127.0.0.1:0=upper", "--route", tt.route+"=upper")
			cmd.Env = append(os.Environ(), child+"=limited command")
			if tt.name == "privileged" {
				withoutRights(t, cmd)
			}
			var talk strings.Builder
			cmd.Stderr = &talk
			out, err := cmd.Output()
			var exit *exec.ExitError
			if cmd.Process == nil {
				t.Skipf("everybody may listen on port %d here, and no other network can be made: %v", privilegedPort, err)
			}
			want := "✘ cannot listen on " + tt.words + "\n  " + tt.next + "\n"
			if !errors.As(err, &exit) || exit.ExitCode() != exitFailed || len(out) > 0 || talk.String() != want {
				t.Errorf("%v, reports %q, says %q; want %q", err, out, talk.String(), want)
			}
			seen++
		})
	}
	said, err := neighbour()
	check(t, err)
	faults.Row(t, "T58", fmt.Sprintf("%d addresses: no start, a sentence, exit code %d; %s", seen, exitFailed, said), faults.Nothing)
}
