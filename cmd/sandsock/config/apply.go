package config

import (
	"strconv"
	"strings"

	"github.com/sandsock/sandsock/core/nearest"
)

// Setting is what a key means.
type Setting struct {
	Name string
	Set  func(text string) error // its error quotes the text and says what is wrong with it
	Kind Kind
}

// Kind is how many values a setting has. The zero value is one.
type Kind int

const (
	One   Kind = iota
	Many       // a list, or one
	Pairs      // a table, or a list of NAME=VALUE
)

// Apply sets what the table's keys say, once for each value. Its error is that
// of the first key that is wrong.
func (t Table) Apply(settings []Setting) error {
	for _, k := range t.keys {
		s, err := k.setting(settings)
		if err == nil {
			err = k.apply(s)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (k key) setting(settings []Setting) (s Setting, err error) {
	names := make([]string, len(settings))
	for i, s := range settings {
		if s.Name == k.name {
			return s, nil
		}
		names[i] = s.Name
	}
	return s, k.at.Errorf("there is no key %s in %s%s", shown(k.name), k.table, nearest.Guess(k.name, names))
}

func (k key) apply(s Setting) error {
	switch {
	case k.shape == pairs && s.Kind != Pairs:
		return k.at.Errorf("%s: it has no table of its own", k.name)
	case k.shape == list && s.Kind == One:
		return k.at.Errorf("%s: it has one value, and no list", k.name)
	}
	for _, v := range k.values {
		if err := s.Set(v.text); err != nil {
			return v.at.Errorf("%s %v", k.name, err)
		}
	}
	return nil
}

// shown is a name of the file's author's, safe to print.
func shown(name string) string {
	plain := func(r rune) bool {
		return r == '-' || r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
	}
	if name != "" && strings.IndexFunc(name, func(r rune) bool { return !plain(r) }) < 0 {
		return name
	}
	return strconv.Quote(name)
}
