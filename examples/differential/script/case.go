package script

import (
	"fmt"
	"regexp"
	"strings"
)

// Case is a short script of socket calls by several parties.
type Case struct {
	Title string
	Lines []string
}

// Parse reads the cases of one file. A line that begins with == is a title
// and starts a case; empty lines and those that begin with # mean nothing.
func Parse(text string) ([]Case, error) {
	var cases []Case
	for i, line := range strings.Split(text, "\n") {
		line = strings.TrimSpace(line)
		title, starts := strings.CutPrefix(line, "== ")
		switch {
		case line == "" || line[0] == '#':
		case starts:
			cases = append(cases, Case{Title: title})
		case len(cases) == 0:
			return nil, fmt.Errorf("line %d comes before a title", i+1)
		default:
			last := &cases[len(cases)-1]
			last.Lines = append(last.Lines, line)
		}
	}
	return cases, nil
}

// String returns the case as Parse reads it.
func (c Case) String() string {
	return "== " + c.Title + "\n" + strings.Join(c.Lines, "\n") + "\n"
}

var token = regexp.MustCompile(`'[^']*'(?:\*\d+)?|\S+`)

// statement is a line taken apart: target = party.call args.
type statement struct {
	target string // the party that is made, empty for none
	party  string // empty for a call that is nobody's
	call   string
	args   []string
}

func parseLine(line string) statement {
	words := token.FindAllString(line, -1)
	var s statement
	if len(words) > 2 && words[1] == "=" {
		s.target, words = words[0], words[2:]
	}
	if len(words) == 0 {
		return s
	}
	party, call, has := strings.Cut(words[0], ".")
	if !has {
		party, call = "", words[0]
	}
	s.party, s.call, s.args = party, call, words[1:]
	return s
}

// arg returns the i-th argument, empty where there is none.
func (s statement) arg(i int) string {
	if i < len(s.args) {
		return s.args[i]
	}
	return ""
}
