package main

import (
	"embed"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/memnet"
	"github.com/sandsock/sandsock/examples/differential/script"
	"github.com/sandsock/sandsock/native"
)

//go:embed cases/*.txt
var caseFiles embed.FS

// allCases returns the cases picked by hand, each titled with its topic.
func allCases() (all []script.Case, err error) {
	files, err := caseFiles.ReadDir("cases")
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		text, err := caseFiles.ReadFile(path.Join("cases", file.Name()))
		if err != nil {
			return nil, err
		}
		cases, err := script.Parse(string(text))
		if err != nil {
			return nil, fmt.Errorf("%s: %w", file.Name(), err)
		}
		for _, c := range cases {
			c.Title = strings.TrimSuffix(file.Name(), ".txt") + ": " + c.Title
			all = append(all, c)
		}
	}
	return all, nil
}

// suite is the oracle and the worlds that are compared with it.
type suite struct {
	oracle *world
	ours   []*world
	used   map[int]int // how often a kept difference was met
}

// newSuite opens every world. The error is errNoOracle where there is no
// oracle.
func newSuite() (*suite, error) {
	oracle, err := newOracle()
	if err != nil {
		return nil, err
	}
	s := &suite{oracle: oracle, used: make(map[int]int)}
	guest, err := newSandbox("guest", native.Network{})
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	s.ours = []*world{
		localWorld("native", func() core.Network { return native.Network{} }),
		localWorld("memnet", func() core.Network { return new(memnet.Network) }),
		guest,
	}
	return s, nil
}

func (s *suite) close() error {
	err := s.oracle.close()
	for _, w := range s.ours {
		err = errors.Join(err, w.close())
	}
	return err
}

// result is what one world made of a list of cases.
type result struct {
	outcomes [][]string
	err      error
}

// worlds is all of them, the oracle first.
func (s *suite) worlds() []*world { return append([]*world{s.oracle}, s.ours...) }

func runAll(w *world, cases []script.Case) (r result) {
	for _, c := range cases {
		outcomes, err := w.run(c.Lines)
		if err == nil {
			err = malformed(c, outcomes)
		}
		if err != nil {
			return result{r.outcomes, fmt.Errorf("%s: %s: %w", w.name, c.Title, err)}
		}
		r.outcomes = append(r.outcomes, outcomes)
	}
	return r
}

// run runs the cases in every world, the worlds side by side, and returns the
// differences that are not kept.
func (s *suite) run(cases []script.Case) ([]*difference, error) {
	worlds := s.worlds()
	results := make([]chan result, len(worlds))
	for i, w := range worlds {
		results[i] = make(chan result, 1)
		go func() { results[i] <- runAll(w, cases) }()
	}
	want := <-results[0]
	var all []*difference
	err := want.err
	for i, w := range s.ours {
		got := <-results[i+1]
		err = errors.Join(err, got.err)
		for n := range min(len(want.outcomes), len(got.outcomes)) {
			if d := compare(cases[n], w.name, want.outcomes[n], got.outcomes[n], s.used); d != nil {
				all = append(all, d)
			}
		}
	}
	return all, err
}

// again runs a difference's case alone, in the oracle and in its world, and
// returns the difference that is there now; nil where there is none.
func (s *suite) again(d *difference, lines []string) (*difference, error) {
	i := slices.IndexFunc(s.ours, func(w *world) bool { return w.name == d.world })
	alone := suite{oracle: s.oracle, ours: s.ours[i : i+1], used: make(map[int]int)}
	found, err := alone.run([]script.Case{{Title: d.Title, Lines: lines}})
	if err != nil || len(found) == 0 {
		return nil, err
	}
	return found[0], nil
}

// steady returns the differences that are there again when their cases run
// alone: on a machine that is busy a call may be late once.
func (s *suite) steady(found []*difference) (list []*difference, err error) {
	for _, d := range found {
		d, err := s.again(d, d.Lines)
		if err != nil {
			return nil, err
		}
		if d != nil {
			list = append(list, d)
		}
	}
	return list, nil
}
