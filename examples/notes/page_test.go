package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// readPage returns the text of a page.
func readPage(t *testing.T, p page) string {
	t.Helper()
	return readFile(t, filepath.Join(p.folder(), "README.md"))
}

func readFile(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// shown returns the output that a page shows, which stands under the command
// that prints it.
func shown(t *testing.T, p page) string {
	t.Helper()
	_, rest, _ := strings.Cut(readPage(t, p), "```console\n$ go run ./examples/notes "+p.name+"\n")
	output, _, found := strings.Cut(rest, "```")
	if !found {
		t.Fatalf("%s shows no output of go run ./examples/notes %s", p.folder(), p.name)
	}
	return output
}

var port = regexp.MustCompile(`(', |port )([1-9]\d*)`)

// samePorts returns the output with a name for each port, A for the first and
// so on: the numbers are the system's choice, but not which are the same.
func samePorts(output string) string {
	names := map[string]string{}
	return port.ReplaceAllStringFunc(output, func(match string) string {
		parts := port.FindStringSubmatch(match)
		name, known := names[parts[2]]
		if !known {
			name = string(rune('A' + len(names)))
			names[parts[2]] = name
		}
		return parts[1] + name
	})
}

func TestPortsAreComparedByWhichAreTheSame(t *testing.T) {
	got := samePorts("('127.0.0.1', 40001) ('0.0.0.0', 0) port 40002 ('::1', 40001, 0, 0) recv(1024) [Errno 111]")
	want := "('127.0.0.1', A) ('0.0.0.0', 0) port B ('::1', A, 0, 0) recv(1024) [Errno 111]"
	if got != want {
		t.Errorf("%s", got)
	}
}

// compare notes where output is not what the page shows.
func compare(t *testing.T, p page, output string) {
	t.Helper()
	if got, want := samePorts(output), samePorts(shown(t, p)); got != want {
		t.Errorf("%s printed\n%s\nbut the page shows\n%s", p.name, got, want)
	}
}

func TestEveryPageHasItsParts(t *testing.T) {
	for i, p := range pages {
		text := readPage(t, p)
		next := "](../claims)\n"
		if i+1 < len(pages) {
			next = "](../" + pages[i+1].folder() + ")\n"
		}
		for _, part := range []string{
			"\n**The notes:** ",
			"\n| Go, [" + p.name + ".go](" + p.name + ".go) | Python, [" + p.name + ".py](" + p.name + ".py) |\n",
			"\n`python3 examples/notes/" + p.folder() + "/" + p.name + ".py` prints the same.\n",
			"\n**Try:** ",
			"\nNext: [",
			next,
		} {
			if !strings.Contains(text, part) {
				t.Errorf("%s lacks %q", p.folder(), part)
			}
		}
	}
}

var callRow = regexp.MustCompile("(?m)^\\| `(.+)` \\| `(.+)` \\|$")

func TestTheCallsOfAPageStandInItsPrograms(t *testing.T) {
	for _, p := range pages {
		row := callRow.FindStringSubmatch(readPage(t, p))
		if row == nil {
			t.Errorf("%s has no row of calls", p.folder())
			continue
		}
		for i, extension := range []string{".go", ".py"} {
			name := filepath.Join(p.folder(), p.name+extension)
			if call := row[i+1]; !strings.Contains(readFile(t, name), call) {
				t.Errorf("%s does not call %s", name, call)
			}
		}
	}
}

func TestTheIndexHasEveryPageInOrder(t *testing.T) {
	index := readFile(t, "README.md")
	at := 0
	for _, p := range pages {
		found := strings.Index(index[at:], "]("+p.folder()+")\n")
		if found < 0 {
			t.Fatalf("%s is not in the index, or not in its place", p.folder())
		}
		at += found
	}
}

func TestEveryFolderIsAPage(t *testing.T) {
	folders, err := filepath.Glob("[0-9]*")
	if err != nil {
		t.Fatal(err)
	}
	if len(folders) != len(pages) {
		t.Errorf("there are %d folders and %d pages", len(folders), len(pages))
	}
}

var link = regexp.MustCompile(`\]\(([^)#]+)\)`)

func TestEveryLinkLeadsSomewhere(t *testing.T) {
	files, err := filepath.Glob("*/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range append(files, "README.md") {
		for _, match := range link.FindAllStringSubmatch(readFile(t, file), -1) {
			if _, err := os.Stat(filepath.Join(filepath.Dir(file), match[1])); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		}
	}
}
