package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/examples/differential/script"
)

func TestShrinkLeavesWhatTheFailureNeeds(t *testing.T) {
	lines := strings.Split("abcdefghijklmnopq", "")
	got := shrink(lines, func(part []string) bool {
		return slices.Contains(part, "c") && slices.Contains(part, "k") && slices.Contains(part, "q")
	})
	if want := []string{"c", "k", "q"}; !slices.Equal(got, want) {
		t.Errorf("%q is left, want %q", got, want)
	}
}

func TestShrinkLeavesAWaitWithItsLine(t *testing.T) {
	lines := []string{"a.close", "a.send 'x'", "b.await 1", "c.await end", "b.recv 1"}
	got := shrink(lines, func(part []string) bool { return slices.Contains(part, "c.await end") })
	if want := lines[1:4]; !slices.Equal(got, want) {
		t.Errorf("%q is left, want %q", got, want)
	}
}

func TestShrinkLeavesAllWhereAllIsNeeded(t *testing.T) {
	lines := []string{"a", "b", "c"}
	got := shrink(lines, func(part []string) bool { return len(part) == 3 })
	if !slices.Equal(got, lines) {
		t.Errorf("%q is left, want %q", got, lines)
	}
}

func TestADifferenceShowsTheCaseAndTheTwoOutcomes(t *testing.T) {
	d := difference{script.Case{Title: "seed 7", Lines: []string{"a = socket inet stream", "a.recv 1", "a.close"}},
		"memnet", 1, []string{"socket", "OSError 107", "None"}, []string{"socket", "blocks", "None"}}
	want := "== seed 7\n" +
		"a = socket inet stream                   # socket\n" +
		"a.recv 1\n    python3: OSError 107\n    memnet: blocks"
	if got := d.String(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestDifferencesAreAlikeByCallAndOutcomes(t *testing.T) {
	at := func(line, want, got string) *difference {
		return &difference{Case: script.Case{Lines: []string{line}}, want: []string{want}, got: []string{got}}
	}
	d := at("c = a.accept", "blocks", "OSError 22")
	for _, test := range []struct {
		other *difference
		like  bool
	}{
		{at("x = b.accept", "blocks", "OSError 22"), true},
		{at("b.recv 10", "blocks", "OSError 22"), false},
		{at("x = b.accept", "blocks", "OSError 9"), false},
		{at("x = b.accept", "socket", "OSError 22"), false},
	} {
		if d.like(test.other) != test.like {
			t.Errorf("%v: alike is %v", test.other, !test.like)
		}
	}
}
