package main

import (
	"slices"
	"strings"
)

// shrink returns the shortest part of lines it finds that still fails: delta
// debugging, by halves, quarters and so on down to single lines, until
// nothing more can go. A line goes together with the waits that follow it,
// so that no race comes in by leaving one out.
func shrink(lines []string, fails func([]string) bool) []string {
	units := unitsOf(lines)
	for size := (len(units) + 1) / 2; size > 0; {
		smaller := without(units, size, fails)
		if len(smaller) == len(units) {
			size /= 2
		}
		units = smaller
		size = min(size, len(units))
	}
	return slices.Concat(units...)
}

// without leaves out each run of size units that is not needed.
func without(units [][]string, size int, fails func([]string) bool) [][]string {
	for start := 0; start < len(units); {
		rest := slices.Delete(slices.Clone(units), start, min(start+size, len(units)))
		if fails(slices.Concat(rest...)) {
			units = rest
		} else {
			start += size
		}
	}
	return units
}

func unitsOf(lines []string) (units [][]string) {
	for _, line := range lines {
		if last := len(units) - 1; last >= 0 && strings.Contains(line, ".await ") {
			units[last] = append(units[last], line)
		} else {
			units = append(units, []string{line})
		}
	}
	return units
}

// shrinkDifference returns a short case with the same difference: the same
// call, with the same two outcomes. The error is the first of a world.
func (s *suite) shrinkDifference(d *difference) (*difference, error) {
	var failure error
	shrink(d.Lines[:d.line+1], func(lines []string) bool {
		smaller, err := s.again(d, lines)
		if failure == nil {
			failure = err
		}
		if err != nil || smaller == nil || !smaller.like(d) {
			return false
		}
		d = smaller
		return true
	})
	return d, failure
}

// like says that two differences are of the same kind.
func (d *difference) like(o *difference) bool {
	return d.want[d.line] == o.want[o.line] && d.got[d.line] == o.got[o.line] &&
		callOf(d.Lines[d.line]) == callOf(o.Lines[o.line])
}

// callOf is a line's call, without the party and the arguments.
func callOf(line string) string {
	if _, made, has := strings.Cut(line, " = "); has {
		line = made
	}
	word, _, _ := strings.Cut(line, " ")
	return word[strings.LastIndexByte(word, '.')+1:]
}
