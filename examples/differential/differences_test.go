package main

import "testing"

func TestEveryKeptDifferenceHasAReason(t *testing.T) {
	for _, k := range keptDifferences {
		if k.reason == "" {
			t.Errorf("%s: %s, %s has no reason", k.line, k.python, k.ours)
		}
	}
}

func TestOnlyWhatIsListedIsKept(t *testing.T) {
	for _, test := range []struct {
		line, python, ours string
		kept               bool
	}{
		{"a.settimeout -1", "ValueError", "OSError 22", true},
		{"a.settimeout -1", "ValueError", "None", false},
		{"a.settimeout 1", "ValueError", "OSError 22", false},
		{"a.bind 127.0.0.1:70000", "OverflowError", "OSError 22", true},
		{"a.bind 127.0.0.1:7000", "OSError 98", "OSError 22", false},
	} {
		if got := findKept("native", test.line, test.python, test.ours) >= 0; got != test.kept {
			t.Errorf("%s: %s, %s: kept is %v", test.line, test.python, test.ours, got)
		}
	}
}
