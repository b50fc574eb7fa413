package main

import (
	"context"
	"errors"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/native"
)

// open opens every world for a test. Without python3 the test is skipped,
// unless everything must run.
func open(t *testing.T) *suite {
	t.Helper()
	s, err := newSuite()
	if errors.Is(err, errNoOracle) && os.Getenv("SANDSOCK_FULL") != "1" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// The bounds of a run in CI.
const (
	sequences = 300
	firstSeed = 1
	fewest    = 200 // cases picked by hand
)

func TestOurSocketsDoWhatPythonsDo(t *testing.T) {
	s := open(t)
	t.Run("in every case picked by hand", func(t *testing.T) { testCases(t, s) })
	t.Run("in generated sequences", func(t *testing.T) { testGenerated(t, s) })
	t.Run("and a planted difference is found", func(t *testing.T) { testPlanted(t, s) })
}

func testCases(t *testing.T, s *suite) {
	cases, err := allCases()
	if err != nil {
		t.Fatal(err)
	}
	if len(cases) < fewest {
		t.Errorf("there are %d cases, fewer than %d", len(cases), fewest)
	}
	first, err := s.run(cases)
	if err != nil {
		t.Fatal(err)
	}
	found, err := s.steady(first)
	if err != nil {
		t.Fatal(err)
	}
	if once := len(first) - len(found); once > 0 {
		t.Logf("%d differences were there once and not again", once)
	}
	for _, d := range found {
		t.Errorf("a difference:\n%s", d)
	}
	for i, k := range keptDifferences {
		if s.used[i] == 0 {
			t.Errorf("no case meets the kept difference %s: %s, %s", k.line, k.python, k.ours)
		}
	}
	for _, w := range s.worlds() {
		t.Logf("%d cases in %s, 0 skipped", len(cases), w.name)
	}
}

func testGenerated(t *testing.T, s *suite) {
	d, err := search{first: firstSeed, n: sequences}.run(s)
	if err != nil {
		t.Fatal(err)
	}
	if d != nil {
		t.Fatalf("a difference:\n%s", d)
	}
	for _, w := range s.worlds() {
		t.Logf("%d sequences in %s, 0 skipped", sequences, w.name)
	}
}

// testPlanted shows that the generator finds a mistake within CI's bound.
func testPlanted(t *testing.T, s *suite) {
	planted := localWorld("planted", func() core.Network { return mistaken{native.Network{}} })
	with := &suite{oracle: s.oracle, ours: []*world{planted}, used: make(map[int]int)}
	about := func(d *difference) bool { return callOf(d.Lines[d.line]) == "connect_ex" }
	d, err := search{first: firstSeed, n: sequences, about: about}.run(with)
	if err != nil {
		t.Fatal(err)
	}
	if d == nil {
		t.Fatalf("nothing was found in %d sequences", sequences)
	}
	t.Logf("found and made short:\n%s", d)
	if d.want[d.line] != "11" || d.got[d.line] != "110" {
		t.Error("it is another difference than the planted one")
	}
	if len(d.Lines) > 10 {
		t.Errorf("it still has %d lines", len(d.Lines))
	}
}

// mistaken is a network whose ConnectEx gives ETIMEDOUT for the socket's own
// timeout, where Python's gives EAGAIN.
type mistaken struct{ core.Network }

func (n mistaken) Socket(family core.Family, typ core.Type, proto int) (core.Socket, error) {
	s, err := n.Network.Socket(family, typ, proto)
	return mistakenSocket{s}, err
}

func (n mistaken) Poll(ctx context.Context, list []core.PollFd, timeout time.Duration) (int, error) {
	for i, entry := range list {
		if s, ok := entry.Socket.(mistakenSocket); ok {
			list[i].Socket = s.Socket
		}
	}
	return n.Network.Poll(ctx, list, timeout)
}

type mistakenSocket struct{ core.Socket }

func (s mistakenSocket) ConnectEx(address netip.AddrPort) core.Errno {
	e := s.Socket.ConnectEx(address)
	if timeout, _ := s.GetTimeout(); e == core.EAGAIN && timeout > 0 {
		return core.ETIMEDOUT
	}
	return e
}
