package main

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/memnet"
	"github.com/sandsock/sandsock/native"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestThePageIsWhatTheExperimentsPrint(t *testing.T) {
	linuxOnly(t)
	coretest.NeedProgram(t, "python3")
	all := make([]measured, len(claims))
	t.Run("measure", func(t *testing.T) {
		for i, c := range claims {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				m, err := measure(c, native.Network{})
				if err != nil {
					t.Fatal(err)
				}
				all[i] = m
			})
		}
	})
	if t.Failed() {
		return
	}
	var out bytes.Buffer
	writePage(&out, all)
	if got := out.String(); got != readPage(t) {
		t.Errorf("README.md is not what go run ./examples/notes/claims prints:\n%s", got)
	}
}

func linuxOnly(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("the outcomes are those of Linux")
	}
}

func readPage(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// rows are the lines of the page's table: number, claim, outcome by it,
// python3's, sandsock's, verdict.
func rows(t *testing.T) [][]string {
	t.Helper()
	row := regexp.MustCompile(`(?m)^\| \d+ \| (.+) \| (.+) \| (.+) \| (.+) \| (.+) \|$`)
	all := row.FindAllStringSubmatch(readPage(t), -1)
	if len(all) != len(claims) {
		t.Fatalf("the page has %d claims, want %d", len(all), len(claims))
	}
	return all
}

// TestInMemoryTheOutcomesAreThePages holds where there is no python3, and on
// every system.
func TestInMemoryTheOutcomesAreThePages(t *testing.T) {
	for i, row := range rows(t) {
		c := claims[i]
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.ours(new(memnet.Network))
			if want := strings.Trim(row[4], "`"); got != want || err != nil {
				t.Errorf("%q, %v, want %q", got, err, want)
			}
		})
	}
}

func TestNoVerdictIsOpen(t *testing.T) {
	if strings.Contains(readPage(t), open) {
		t.Error("the outcomes of a claim do not decide it")
	}
}

func TestTheVerdictComesFromTheOutcomes(t *testing.T) {
	for _, test := range []struct{ by, fault, python, ours, want string }{
		{"a", "", "a", "a", "true"},
		{"a", "wrong", "a", "a", "true"},
		{"a", "wrong", "b", "b", "wrong"},
		{"a", "stale", "TypeError", "does not compile", "stale"},
		{"a", "wrong", "a", "b", open},
		{"a", "wrong", "b", "a", open},
		{"a", "", "b", "b", open},
	} {
		m := measured{claim{by: test.by, fault: test.fault}, test.python, test.ours}
		if got := m.verdict(); got != test.want {
			t.Errorf("%+v: %s", test, got)
		}
	}
}

func TestEveryExperimentIsThereInBothLanguages(t *testing.T) {
	scripts, err := filepath.Glob("python/*.py")
	if err != nil || len(scripts) != len(claims) {
		t.Errorf("%d scripts and %d claims, %v", len(scripts), len(claims), err)
	}
	for _, c := range claims {
		for _, file := range []string{c.file, "python/" + c.name + ".py"} {
			if _, err := os.Stat(file); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestTheNumbersOfRefusedAreThoseOfTheTable(t *testing.T) {
	info := core.ECONNREFUSED.Info()
	if info.Linux != 111 || info.Darwin != 61 || info.Windows != 10061 {
		t.Errorf("%+v", info)
	}
}

func TestTheCompilersWordIsItsFirst(t *testing.T) {
	said := "# command-line-arguments\n/tmp/claim1/main.go:7:27: too many arguments in call\n\thave (string)\n"
	if got, err := compilerWord(said); got != "does not compile: too many arguments in call" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := compilerWord("go: no such tool\n"); err == nil {
		t.Error("what is not the compiler's word was taken for it")
	}
}

func TestALineThatCompilesIsSuccess(t *testing.T) {
	if got, err := compile(`client.Send([]byte("x"), 0)`, "fine"); got != "fine" || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}
