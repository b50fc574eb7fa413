package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
)

func TestASeedMakesOneSequence(t *testing.T) {
	for seed := range uint64(50) {
		a, b := generate(seed), generate(seed)
		if !slices.Equal(a.Lines, b.Lines) {
			t.Fatalf("seed %d makes two sequences:\n%s\n%s", seed, a, b)
		}
		if slices.Equal(a.Lines, generate(seed+1).Lines) {
			t.Errorf("seeds %d and %d make the same", seed, seed+1)
		}
	}
}

// What a sequence waits for comes: the model knows what is under way. It is
// tried in memory, where waiting costs nothing that is not the model's fault.
func TestWhatASequenceWaitsForComes(t *testing.T) {
	w := localWorld("memnet", func() core.Network { return new(memnet.Network) })
	for seed := range uint64(30) {
		c := generate(seed)
		outcomes, err := w.run(c.Lines)
		if err != nil {
			t.Fatal(err)
		}
		if err := malformed(c, outcomes); err != nil {
			t.Error(err)
		}
		if i := slices.Index(outcomes, "not ready"); i >= 0 {
			t.Errorf("seed %d: line %d, %s, waited in vain:\n%s", seed, i+1, c.Lines[i], c)
		}
	}
}

func TestSequencesUseEveryCall(t *testing.T) {
	var all strings.Builder
	for seed := range uint64(100) {
		all.WriteString(generate(seed).String())
	}
	for _, call := range strings.Fields("bind listen accept connect connect_ex recv recvfrom send sendall sendto shutdown " +
		"close settimeout setblocking gettimeout getblocking getsockname getpeername fileno setsockopt getsockopt") {
		if !strings.Contains(all.String(), "."+call) {
			t.Errorf("no sequence has %s", call)
		}
	}
}
