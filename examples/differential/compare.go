package main

import (
	"fmt"
	"strings"

	"github.com/sandsock/sandsock/examples/differential/script"
)

// difference is the first line of a case whose outcome in a world is not the
// oracle's.
type difference struct {
	script.Case
	world     string
	line      int
	want, got []string // outcomes of the oracle and the world
}

// String shows the case up to the difference, with the outcomes.
func (d *difference) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "== %s\n", d.Title)
	for i, line := range d.Lines[:d.line] {
		fmt.Fprintf(&b, "%-40s # %s\n", line, d.want[i])
	}
	fmt.Fprintf(&b, "%s\n    python3: %s\n    %s: %s", d.Lines[d.line], d.want[d.line], d.world, d.got[d.line])
	return b.String()
}

// compare returns the first difference that is not kept, nil where there is
// none. It counts in used the kept ones it meets.
func compare(c script.Case, world string, want, got []string, used map[int]int) *difference {
	for i, line := range c.Lines {
		if want[i] == got[i] {
			continue
		}
		k := findKept(world, line, want[i], got[i])
		if k < 0 {
			return &difference{c, world, i, want, got}
		}
		used[k]++
	}
	return nil
}

// malformed returns the error of a case with a line that is no call.
func malformed(c script.Case, outcomes []string) error {
	for i, outcome := range outcomes {
		if strings.HasPrefix(outcome, script.Malformed) {
			return fmt.Errorf("%s: %s: %s", c.Title, c.Lines[i], outcome)
		}
	}
	return nil
}
