package explain

import (
	"bytes"
	"context"
	"errors"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
)

// patience bounds every command of a page.
const patience = 20 * time.Second

// command is one that a page shows, with what the page says it prints.
type command struct {
	entry  entry
	line   string
	prints string
	system string // the only one it is for, empty for any
}

func commands() (all []command) {
	for _, e := range pages().entries {
		for _, part := range e.parts {
			system := ""
			if rest, found := strings.CutPrefix(part, "see: "); found {
				system, part, _ = strings.Cut(rest, "\n")
			}
			for _, text := range strings.Split("\n"+part, "\n$ ")[1:] {
				line, prints := cutCommand(text)
				all = append(all, command{e, line, prints, strings.ToLower(system)})
			}
		}
	}
	return all
}

// cutCommand parts a command, which goes on while a quote is open, from what
// is below it.
func cutCommand(text string) (line, prints string) {
	for {
		next, rest, _ := strings.Cut(text, "\n")
		line, text = line+next, rest
		if strings.Count(line, `"`)%2 == 0 || text == "" {
			return line, text
		}
		line += "\n"
	}
}

func TestEveryPythonLineShowsWhatItsPageSays(t *testing.T) {
	coretest.NeedProgram(t, "python3")
	if runtime.GOOS != "linux" {
		t.Skip("pages show Linux's numbers")
	}
	for _, c := range commands() {
		if !strings.HasPrefix(c.line, "python3 ") {
			continue
		}
		t.Run(c.entry.names[0], func(t *testing.T) {
			t.Parallel()
			stdout, stderr := run(t, "sh", "-c", c.line)
			checkPython(t, c, stdout, stderr)
		})
	}
}

// checkPython compares standard output and the last line of a traceback with
// what the page says, or else with its errno or its exception.
func checkPython(t *testing.T, c command, stdout, stderr string) {
	t.Helper()
	last := stderr[strings.LastIndexByte(stderr, '\n')+1:]
	info, isErrno := findErrno(c.entry.names[0])
	switch {
	case c.prints != "":
		got := strings.Trim(stdout+"\n"+last, "\n")
		if !like(c.prints).MatchString(got) {
			t.Errorf("the page says\n%s\nand it prints\n%s", c.prints, got)
		}
	case isErrno:
		if !strings.HasPrefix(last, core.PyError(info.Errno)) {
			t.Errorf("the page says %s, and it prints %s", core.PyError(info.Errno), last)
		}
	default:
		if !strings.HasPrefix(strings.TrimPrefix(last, "socket."), c.entry.names[0]+":") {
			t.Errorf("the page says %s, and it prints %s", c.entry.names[0], last)
		}
	}
}

// like returns a pattern for a text in which … stands for anything short.
func like(text string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(text), "…", `[\w.]+`) + "$")
}

func TestEveryPageThatSaysHowToSeeItIsShownOrSaysWhatItTakes(t *testing.T) {
	shown := map[string]bool{}
	for _, c := range commands() {
		shown[c.entry.names[0]] = true
	}
	for _, e := range pages().entries {
		if says := strings.Contains(strings.Join(e.parts, "\n"), "\nto see it"); says == shown[e.names[0]] {
			t.Errorf("%s: shown is %v, and so is what it takes", e.names[0], says)
		}
	}
}

// TestEverySandsockLineIsReal runs what an error's page shows, which must
// show that error, and asks the help of the rest for its flags.
func TestEverySandsockLineIsReal(t *testing.T) {
	if testing.Short() || runtime.GOOS != "linux" {
		t.Skip("builds the command, and compares it with Linux's errors")
	}
	sandsock := filepath.Join(t.TempDir(), "sandsock")
	if out, err := exec.Command("go", "build", "-o", sandsock, "..").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	for _, c := range commands() {
		fields := strings.Fields(c.line)
		if fields[0] != "sandsock" {
			continue
		}
		checkFlags(t, sandsock, c.entry.names[0], fields[1:])
		if info, ok := findErrno(c.entry.names[0]); ok {
			_, stderr := run(t, sandsock, fields[1:]...)
			if !strings.Contains(strings.ToLower(stderr), info.Errno.Error()) {
				t.Errorf("%s: %s says\n%s", info.Name, c.line, stderr)
			}
		}
	}
	for _, e := range pages().entries {
		next, _, _ := strings.Cut(strings.TrimPrefix(e.parts[len(e.parts)-1], "next: sandsock "), "   ")
		word, isExplain := strings.CutPrefix(next, "explain ")
		if _, ok := Look(word); isExplain && !ok {
			t.Errorf("%s: next is %q, which has no page", e.names[0], word)
		} else if !isExplain {
			checkFlags(t, sandsock, e.names[0], strings.Fields(next))
		}
	}
}

// checkFlags compares a command line with the command's own help.
func checkFlags(t *testing.T, sandsock, page string, fields []string) {
	t.Helper()
	help, _ := run(t, sandsock, fields[0], "--help")
	if !strings.HasPrefix(help, "sandsock "+fields[0]+": ") {
		t.Errorf("%s: there is no command %s", page, fields[0])
	}
	for _, field := range fields[1:] {
		if strings.HasPrefix(field, "-") && !strings.Contains(help, field+" ") && !strings.Contains(help, field+",") {
			t.Errorf("%s: %s has no flag %s", page, fields[0], field)
		}
	}
}

// run returns what a program prints until its end, well or not.
func run(t *testing.T, name string, args ...string) (stdout, stderr string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c := exec.CommandContext(ctx, name, args...)
	var out, err bytes.Buffer
	c.Stdout, c.Stderr, c.WaitDelay = &out, &err, time.Second
	var exit *exec.ExitError
	if failed := c.Run(); failed != nil && (!errors.As(failed, &exit) || ctx.Err() != nil) {
		t.Fatalf("%s %q: %v", name, args, failed)
	}
	return strings.TrimSpace(out.String()), strings.TrimSpace(err.String())
}
