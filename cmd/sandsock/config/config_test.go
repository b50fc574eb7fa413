package config

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// settings are three keys, whose values come to said.
func settings(said *[]string) []Setting {
	note := func(name string, good func(string) bool) Setting {
		return Setting{Name: name, Set: func(text string) error {
			if !good(text) {
				return errors.New(strconv.Quote(text) + ": it is good")
			}
			*said = append(*said, name+" "+text)
			return nil
		}}
	}
	any := func(text string) bool { return text != "bad" }
	one, many, variables := note("memory", any), note("allow", any), note("env", func(text string) bool { return strings.Contains(text, "=") })
	many.Kind, variables.Kind = Many, Pairs
	return []Setting{one, many, variables}
}

// read parses a file and applies each of its tables; routes with the defaults.
func read(content string) (said []string, err error) {
	f, err := Parse("f.toml", []byte(content))
	if err != nil {
		return nil, err
	}
	for _, t := range append([]Table{f.Host}, f.Routes...) {
		if t.Name != "[host]" {
			t = t.Or(f.Defaults)
		}
		if err := t.Apply(settings(&said)); err != nil {
			return nil, err
		}
	}
	return said, nil
}

func TestWhatAFileSays(t *testing.T) {
	tests := []struct {
		name, content string
		want          []string
	}{
		{"nothing", "", nil},
		{"a comment", "# a comment", nil},
		{"after the mark of some editors", "\ufeff[host]\nmemory = 'a'", []string{"memory a"}},
		{"a text", "[host]\nmemory = \"64MiB\"", []string{"memory 64MiB"}},
		{"lines that end as on Windows", "[host]\r\nmemory = \"64MiB\"\r\n", []string{"memory 64MiB"}},
		{"numbers", "[[route]]\nallow = [1_000, 0x10, +7, -1, 1.5]", []string{"allow 1000", "allow 16", "allow 7", "allow -1", "allow 1.5"}},
		{"a word", "[host]\nmemory = true", []string{"memory true"}},
		{"a list, or one", "[[route]]\nallow = ['a', 'b']\n[[route]]\nallow = 'c'", []string{"allow a", "allow b", "allow c"}},
		{"variables in a list", "[[route]]\nenv = ['A=1']", []string{"env A=1"}},
		{"variables in braces", "[[route]]\nenv = { A = '1', 'b.c' = 2 }", []string{"env A=1", "env b.c=2"}},
		{"variables one by one", "[[route]]\nenv.A = '1'\nenv.B = ''", []string{"env A=1", "env B="}},
		{"variables in a table", "[[route]]\nmemory = 'x'\n[route.env]\nA = '1'\nB = '2'\n[[route]]\n[route.env]\nA = '3'",
			[]string{"memory x", "env A=1", "env B=2", "env A=3"}},
		{"defaults are for every route", "[defaults]\nmemory = 'd'\n[[route]]\n[[route]]\nmemory = 'r'", []string{"memory d", "memory r"}},
		{"also those below them", "[[route]]\n[defaults]\nmemory = 'd'", []string{"memory d"}},
		{"a list takes the place of the defaults'", "[defaults]\nallow = ['a', 'b']\n[[route]]\nallow = ['c']\n[[route]]\nallow = []\n[[route]]",
			[]string{"allow c", "allow a", "allow b"}},
		{"variables too", "[defaults.env]\nA = '1'\nB = '2'\n[[route]]\nenv.B = '3'", []string{"env B=3"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if said, err := read(tt.content); err != nil || !slices.Equal(said, tt.want) {
				t.Errorf("it says %q, %v", said, err)
			}
		})
	}
}

func TestABadFileIsRefusedWithThePlace(t *testing.T) {
	tests := []struct{ name, content, want string }{
		{"no TOML", "memory", "1:6: expected '=' after key"},
		{"a text without an end", "[host]\nmemory = \"64MiB\n", "2:16: basic strings cannot have new lines"},
		{"a text without quotes", "[host]\nmemory = sixty", "2:10: unexpected character U+0073 's' at start of value; a text stands in quotes"},
		{"a size without quotes", "[host]\nmemory = 64MiB", "2:12: strings must be quoted"},
		{"a key that is there twice", "[host]\nmemory = '1'\nmemory = '2'", "3:1: key memory is already defined"},
		{"a table that is there twice", "[host]\n[host]", "2:2: table host already exists"},
		{"a number that is too large", "[host]\nmemory = 99999999999999999999", "2:10: decimal number is too large to fit in a 64-bit signed integer"},
		{"bytes that are no text", "[host]\nmemory = '\xff'", "2:11: invalid UTF-8 character in literal string"},
		{"a table within a list", "[host]\nmemory = [{a = 1}]", "2:1: memory: it is a text, a number, or a list of them"},
		{"a date", "[host]\nmemory = 1979-05-27", "2:1: memory: it is a text, a number, or a list of them"},
		{"an unknown key", "[[route]]\n  memry = '1'", "2:3: there is no key memry in [[route]]; did you mean memory?"},
		{"an unknown key like no other", "[host]\nwhatsoever = '1'", "2:1: there is no key whatsoever in [host]"},
		{"an unknown key of the defaults", "[defaults]\nx = 1\n[[route]]", "2:1: there is no key x in [defaults]"},
		{"an unknown key with quotes", "[host]\n\"a\\u001b\" = '1'", `2:1: there is no key "a\x1b" in [host]`},
		{"an unknown table", "[defalts]", "1:2: there is no table defalts; did you mean defaults?"},
		{"an unknown table like no other", "\n[metrics]", "2:2: there is no table metrics: they are [host], [defaults] and [[route]]"},
		{"a list of unknown tables", "[[routes]]", "1:3: there is no table routes; did you mean route?"},
		{"no table", "memory = '1'", "1:1: memory stands in no table: begin with [defaults] or [[route]]"},
		{"a route with one bracket", "[route]\nmemory = '1'", "1:2: a route is a table with two brackets: [[route]]"},
		{"variables of no route", "[route.env]\nA = '1'", "1:2: a route is a table with two brackets: [[route]]"},
		{"defaults with two brackets", "[[defaults]]", "1:3: there is one of it, with one bracket: [defaults]"},
		{"a list of tables in a route", "[[route]]\n[[route.env]]", "2:9: env: it has no list of tables"},
		{"routes in a list", "route = []", "1:1: route is a table, which begins with a line of its own: [[route]]"},
		{"tables too deep", "[[route]]\nenv.A.B = '1'", "2:7: B: there are no tables as deep"},
		{"tables too deep in braces", "[[route]]\nenv = { A.B = '1' }", "2:11: B: there are no tables as deep"},
		{"a header too deep", "[defaults.env.A]", "1:15: A: there are no tables as deep"},
		{"a table where a value was meant", "[[route]]\nmemory.a = '1'", "2:1: memory: it has no table of its own"},
		{"a list where a value was meant", "[[route]]\nmemory = ['1', '2']", "2:1: memory: it has one value, and no list"},
		{"a value that is wrong", "[host]\nmemory = 'bad'", `2:10: memory "bad": it is good`},
		{"a value that is wrong in a list", "[[route]]\nallow = [\n  'good',\n  'bad',\n]", `4:3: allow "bad": it is good`},
		{"a value that is wrong in the defaults", "[defaults]\nallow = 'bad'\n[[route]]", `2:9: allow "bad": it is good`},
		{"a value after others than ASCII", "[[route]]\nallow = ['äöü', 'bad']", `2:17: allow "bad": it is good`},
		{"a variable without a name", "[[route]]\nenv = { '' = '1' }", `2:9: env "": a name is not empty, and has no = in it`},
		{"a variable with a sign in its name", "[[route]]\n[route.env]\n'A=B' = '1'", `3:1: env "A=B": a name is not empty, and has no = in it`},
		{"a variable without a value", "[[route]]\nenv = ['A']", `2:8: env "A": it is good`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			said, err := read(tt.content)
			if want := "f.toml:" + tt.want; err == nil || err.Error() != want {
				t.Errorf("it says %q\n  %v, want\n  %s", said, err, want)
			}
		})
	}
}

func TestThePlaceOfAKey(t *testing.T) {
	f, err := Parse("f.toml", []byte("[[route]]\nmemory = 'a'\nallow = []\n"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"memory": "f.toml:2:10", "allow": "f.toml:3:1", "nothing": "f.toml:1:3"} {
		if got := f.Routes[0].Find(name).String(); got != want {
			t.Errorf("%s is at %s, want %s", name, got, want)
		}
	}
}

// FuzzParse: whatever a file has, it is read or refused with a place in it, in
// one line.
func FuzzParse(f *testing.F) {
	f.Add("[[route]]\nenv = { A = '1' }\n[defaults.env]\n[host]\nmemory = ['a', 1]")
	f.Fuzz(func(t *testing.T, content string) {
		_, err := read(content)
		var where *Error
		if err == nil {
			return
		}
		if !errors.As(err, &where) {
			t.Fatalf("no *Error: %v", err)
		}
		if lines := 1 + strings.Count(content, "\n"); where.At.Line < 1 || where.At.Line > lines || where.At.Column < 1 || where.Text == "" {
			t.Errorf("the place is %v of %d lines", where.At, lines)
		}
	})
}

func Example() {
	f, err := Parse("sandsock.toml", []byte("[[route]]\nmemory = '64XB'"))
	if err == nil {
		err = f.Routes[0].Apply([]Setting{{Name: "memory", Set: func(text string) error {
			return fmt.Errorf("%q: it is a size such as 64MiB", text)
		}}})
	}
	fmt.Fprintln(os.Stdout, err)
	// Output: sandsock.toml:2:10: memory "64XB": it is a size such as 64MiB
}
