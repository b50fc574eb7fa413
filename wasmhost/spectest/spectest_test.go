package spectest

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// tally counts commands by their type, and those that are special by reason.
type tally struct{ ran, differ, leftOut map[string]int }

func TestTheSpecificationsTests(t *testing.T) {
	for _, version := range []string{"v1", "v2"} {
		t.Run(version, func(t *testing.T) {
			count := tally{map[string]int{}, map[string]int{}, map[string]int{}}
			for _, s := range scripts(t, version) {
				t.Run(s.name, func(t *testing.T) { count.both(t, version+"/"+s.name, s) })
			}
			count.log(t)
		})
	}
}

// both runs a script plain and rewritten.
func (c *tally) both(t *testing.T, name string, s *script) {
	plain, rewritten := newRunner(t, s, false), newRunner(t, s, true)
	for i := range s.Commands {
		command := &s.Commands[i]
		if reason := leftOut(command); reason != "" {
			c.leftOut[command.Type+": "+reason]++
			continue
		}
		c.ran[command.Type]++
		reason := differs(name, command.Line)
		if reason != "" {
			c.differ[command.Type+": "+reason]++
		}
		for _, r := range []*runner{plain, rewritten} {
			wrong := r.command(command)
			if (wrong != "") != (reason != "") {
				t.Errorf("%s.wast:%d: %s (rewritten: %v): %s; in the list: %q",
					s.name, command.Line, command.Type, r.rewritten, wrong, reason)
			}
		}
	}
	if !slices.Equal(plain.trace, rewritten.trace) {
		t.Errorf("plain and rewritten differ:\n%q\n%q", plain.trace, rewritten.trace)
	}
}

func (c *tally) log(t *testing.T) {
	total := 0
	for _, kind := range slices.Sorted(maps.Keys(c.ran)) {
		t.Logf("%6d %s", c.ran[kind], kind)
		total += c.ran[kind]
	}
	t.Logf("%6d commands, each plain and rewritten, among them:", total)
	for _, kind := range slices.Sorted(maps.Keys(c.differ)) {
		t.Logf("%6d with another outcome, %s", c.differ[kind], kind)
	}
	for _, kind := range slices.Sorted(maps.Keys(c.leftOut)) {
		t.Logf("%6d more left out, %s", c.leftOut[kind], kind)
	}
}

// command runs one command and says what is wrong with its outcome.
func (r *runner) command(c *command) string {
	switch c.Type {
	case "module":
		return r.module(c)
	case "register":
		m := r.last
		if c.Name != "" {
			m = r.named[c.Name]
		}
		r.registered[c.As] = m
		return ""
	case "action", "assert_return":
		got, err := r.act(c.Action)
		r.trace = append(r.trace, fmt.Sprint(c.Line, numbers(c.Expected, got), err))
		if err != nil {
			return err.Error()
		}
		if c.Type == "action" {
			return ""
		}
		return compare(c.Expected, got)
	case "assert_trap", "assert_exhaustion":
		_, err := r.act(c.Action)
		if r.rewritten && c.Type == "assert_exhaustion" {
			return traps(errStack.Error(), err)
		}
		return traps(c.Text, err)
	case "assert_invalid", "assert_malformed":
		return r.refused(c)
	case "assert_unlinkable", "assert_uninstantiable":
		return r.unlinkable(c)
	}
	return "is of an unknown type"
}

// numbers are the results but references, which differ from run to run.
func numbers(expected []value, got []uint64) []uint64 {
	for _, v := range expected {
		if strings.HasSuffix(v.Type, "ref") {
			return nil
		}
	}
	return got
}

func (r *runner) module(c *command) string {
	m, err := r.load(r.script.file(r.t, c))
	if err != nil {
		return err.Error()
	}
	r.last = m
	if c.Name != "" {
		r.named[c.Name] = m
	}
	return ""
}

// refused demands that the module is not admitted: the engine never has it.
func (r *runner) refused(c *command) string {
	_, err := module.Admit(r.script.file(r.t, c), module.Unbounded())
	var sentence *module.Error
	if !errors.As(err, &sentence) || sentence.Reason == "" {
		return fmt.Sprintf("is admitted (%v), but %s", err, c.Text)
	}
	return ""
}

// unlinkable demands that a module is admitted, and that it is the engine that
// cannot make an instance.
func (r *runner) unlinkable(c *command) string {
	instance, err := r.load(r.script.file(r.t, c))
	switch {
	case err == nil:
		return fmt.Sprintf("becomes the instance %v, but %s", instance, c.Text)
	case strings.Contains(err.Error(), "not admitted"):
		return err.Error()
	case c.Type == "assert_uninstantiable":
		return traps(c.Text, err)
	}
	return ""
}

// traps compares the reason of a trap with the script's.
func traps(text string, err error) string {
	if err == nil {
		return "does not trap, but " + text
	}
	want := text
	for prefix, engine := range map[string]string{
		"undefined": "invalid table access", "uninitialized": "invalid table access",
		"out of bounds table access": "invalid table access",
		"indirect call":              "indirect call type mismatch",
		"call stack exhausted":       "stack overflow",
	} {
		if strings.HasPrefix(text, prefix) {
			want = engine
		}
	}
	if got := err.Error(); !strings.Contains(got, want) {
		return fmt.Sprintf("traps by %q, want %q", got, want)
	}
	return ""
}
