package explain

import (
	"regexp"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core"
)

// rows is how many lines a screen has, one left for the prompt.
const rows = 24

func TestEveryPageFitsTheScreen(t *testing.T) {
	for _, word := range append(Words(), numberWords()...) {
		p, ok := Look(word)
		if !ok {
			t.Errorf("%s has no page", word)
		}
		if n := strings.Count(p.Text, "\n"); n > rows {
			t.Errorf("%s has %d lines", word, n)
		}
		for line := range strings.Lines(p.Text) {
			if line = strings.TrimSuffix(line, "\n"); width(line) > columns || line != strings.TrimRight(line, " ") {
				t.Errorf("%s: a line of %d columns: %q", word, width(line), line)
			}
		}
	}
}

func TestEveryPageEndsWithWhatToDoNext(t *testing.T) {
	for _, word := range append(Words(), numberWords()...) {
		p, _ := Look(word)
		lines := strings.Split(strings.TrimSuffix(p.Text, "\n"), "\n")
		last := lines[len(lines)-1]
		if !strings.HasPrefix(last, "next: sandsock ") && !strings.HasPrefix(last, "  or: sandsock ") {
			t.Errorf("%s ends with %q", word, last)
		}
	}
}

// sentence finds what the voice does not do: end with a period, begin with a
// capital that is nobody's name, be loud.
var sentence = regexp.MustCompile(`(?m)\.$|^(- )?(The|A|An|It|If|You|This|No|On|In)\b`)

func TestPagesSpeakInTheVoice(t *testing.T) {
	for _, e := range pages().entries {
		for _, part := range e.parts {
			if strings.HasPrefix(part, "$ ") || strings.HasPrefix(part, "see: ") {
				continue // its output is Python's
			}
			if found := sentence.FindString(part); found != "" {
				t.Errorf("%s says %q in %q", e.names[0], found, part)
			}
			if strings.ContainsAny(part, "!\t") {
				t.Errorf("%s has ! or a tab in %q", e.names[0], part)
			}
		}
	}
}

func TestACallsPageHasItsShapeInAGuest(t *testing.T) {
	for _, call := range core.Calls {
		p, _ := Look(call.Name)
		for _, want := range []string{"  guest    " + call.Name + "(", call.Signature() + ":", "  returns  ", "  C        "} {
			if !strings.Contains(p.Text, want) {
				t.Errorf("%s lacks %q:\n%s", call.Name, want, p.Text)
			}
		}
	}
}

func TestAnExceptionsPageHasItsErrnos(t *testing.T) {
	for _, info := range core.Errnos {
		p, _ := Look(info.Exception)
		if !regexp.MustCompile(`\b` + info.Name + `\b`).MatchString(p.Text) {
			t.Errorf("%s does not name %s", info.Exception, info.Name)
		}
	}
}
