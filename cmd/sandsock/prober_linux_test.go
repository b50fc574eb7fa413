package main_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

// proberFile is testdata/prober, built once.
var proberFile = sync.OnceValues(func() ([]byte, error) {
	folder, err := os.MkdirTemp("", "prober")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	out := filepath.Join(folder, "prober.wasm")
	build := exec.Command("go", "build", "-o", out, "./testdata/prober")
	build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=")
	if text, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build: %w\n%s", err, text)
	}
	return os.ReadFile(out)
})

// probing is a host over the kernel's network whose guests do as they are told.
type probing struct {
	t *testing.T
	*probingHost
}

type probingHost struct {
	host   *wasmhost.Host
	plugin *wasmhost.Plugin
}

// The hosts with the check of addresses and without, each made once: to compile
// the guest takes most of such a test.
var (
	guarded   = sync.OnceValues(func() (*probingHost, error) { return loadProber(0) })
	unguarded = sync.OnceValues(func() (*probingHost, error) { return loadProber(wasmhost.DefenceGrants) })
)

func loadProber(without wasmhost.Defences) (*probingHost, error) {
	file, err := proberFile()
	if err != nil {
		return nil, err
	}
	host, err := wasmhost.New(wasmhost.Config{Network: native.Network{}, Without: without})
	if err != nil {
		return nil, err
	}
	plugin, err := host.Load(context.Background(), "prober", file)
	return &probingHost{host, plugin}, err
}

// probedApart is [apart] for a test of these hosts, which are there before the
// neighbour is: to compile the guest is no part of the fault.
func probedApart(t *testing.T, without ...wasmhost.Defences) bool {
	t.Helper()
	return faults.RanApart(t, func(t *testing.T) string {
		for _, defences := range append(without, 0) {
			newProbing(t, defences)
		}
		return bundled(t, "upper").address
	})
}

func newProbing(t *testing.T, without wasmhost.Defences) *probing {
	t.Helper()
	made := guarded
	if without != 0 {
		made = unguarded
	}
	host, err := made()
	check(t, err)
	return &probing{t, host}
}

// prober is one guest at work.
type prober struct {
	t     *testing.T
	in    io.WriteCloser
	lines *bufio.Reader
	ended chan error
}

// start starts a guest with grants as on a command line: connect 127.0.0.2:80.
func (p *probing) start(grants ...string) *prober {
	p.t.Helper()
	var all core.Grants
	for _, text := range grants {
		word, at, _ := strings.Cut(text, " ")
		for use := core.UseConnect; use <= core.UseResolve; use++ {
			if use.String() == word {
				grant, err := core.ParseGrant(use, at)
				check(p.t, err)
				all = append(all, grant)
			}
		}
	}
	stdin, in := io.Pipe()
	out, stdout := io.Pipe()
	g := &prober{p.t, in, bufio.NewReader(out), make(chan error, 1)}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	go func() {
		exit, err := p.host.Run(ctx, wasmhost.Program{Plugin: p.plugin, Stdin: stdin, Stdout: stdout, Stderr: os.Stderr, Grants: all})
		if exit != 0 && err == nil {
			err = fmt.Errorf("the prober exits with %d", exit)
		}
		stdout.CloseWithError(io.ErrUnexpectedEOF)
		g.ended <- err
	}()
	p.t.Cleanup(func() {
		defer cancel()
		g.end()
	})
	return g
}

// end lets the guest return, with all that it has left open.
func (g *prober) end() {
	g.t.Helper()
	if g.ended != nil {
		g.in.Close()
		check(g.t, <-g.ended)
		g.ended = nil
	}
}

// do makes one call and returns the guest's answer.
func (g *prober) do(call string, args ...any) string {
	g.t.Helper()
	for _, a := range args {
		call += fmt.Sprint("\t", a)
	}
	_, err := fmt.Fprintln(g.in, call)
	check(g.t, err)
	answer, err := g.lines.ReadString('\n')
	check(g.t, err)
	return strings.TrimSuffix(answer, "\n")
}

// socket makes a socket and returns its number.
func (g *prober) socket(family core.Family, typ core.Type) string {
	g.t.Helper()
	fd := g.do("socket", int(family), int(typ), 0)
	if strings.HasPrefix(fd, "-") {
		g.t.Fatalf("socket = %s", fd)
	}
	return fd
}

// is is an error as the guest sees it.
func is(e core.Errno) string { return fmt.Sprint(-int32(e)) }

// expect makes a call and compares.
func (g *prober) expect(want string, call string, args ...any) {
	g.t.Helper()
	if got := g.do(call, args...); got != want {
		g.t.Errorf("%s%q = %s, want %s", call, args, got, want)
	}
}

// listening is a listener of the kernel on one of the loopback addresses, all
// on one port.
func listening(t *testing.T, host string, port uint16) *net.TCPListener {
	t.Helper()
	address := netip.AddrPortFrom(netip.MustParseAddr(host), port)
	l, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(address))
	check(t, err)
	t.Cleanup(func() { l.Close() })
	check(t, l.SetDeadline(time.Now().Add(patience)))
	return l
}

// untouched fails the test unless nobody has connected before this moment: the
// first in the queue is the test itself.
func untouched(t *testing.T, l *net.TCPListener) {
	t.Helper()
	mine, err := net.DialTCP("tcp", nil, l.Addr().(*net.TCPAddr))
	check(t, err)
	defer mine.Close()
	first, err := l.Accept()
	check(t, err)
	defer first.Close()
	if first.RemoteAddr().String() != mine.LocalAddr().String() {
		t.Errorf("%v was connected to by %v", l.Addr(), first.RemoteAddr())
	}
}

func receiving(t *testing.T, host string, port uint16) *net.UDPConn {
	t.Helper()
	address := netip.AddrPortFrom(netip.MustParseAddr(host), port)
	c, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(address))
	check(t, err)
	t.Cleanup(func() { c.Close() })
	check(t, c.SetDeadline(time.Now().Add(patience)))
	return c
}

// received returns the datagrams that came before this moment.
func received(t *testing.T, c *net.UDPConn) (all []string) {
	t.Helper()
	mine, err := net.DialUDP("udp", nil, c.LocalAddr().(*net.UDPAddr))
	check(t, err)
	defer mine.Close()
	_, err = mine.Write([]byte("the last"))
	check(t, err)
	for p := make([]byte, 1000); ; {
		n, err := c.Read(p)
		check(t, err)
		if string(p[:n]) == "the last" {
			return all
		}
		all = append(all, string(p[:n]))
	}
}

func portOf(a net.Addr) uint16 { return netip.MustParseAddrPort(a.String()).Port() }
