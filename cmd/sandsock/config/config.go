// Package config reads the configuration file of `sandsock serve`, a TOML file
// (https://toml.io/en/v1.0.0) of these tables:
//
//	[host]      what all routes share
//	[defaults]  what each route is like that says nothing else
//	[[route]]   one route, as often as there are routes
//
// It knows tables, keys and their places. What a key means is said by whoever
// applies a [Table], in the words of the command's flags: the package has no
// unit, no address and no limit of its own, and opens no file.
package config

import (
	"fmt"
	"strconv"
)

// File is a file as it was written.
type File struct {
	Host, Defaults Table
	Routes         []Table // in the order of the file
}

// Table is the keys of one table, in the order of the file.
type Table struct {
	Name string   // as it is written: [defaults]
	At   Position // of its name; zero where the file has none
	keys []key
}

type key struct {
	table  string // its name
	name   string
	at     Position
	values []value
	shape  shape
}

// value is one that a key has, as a flag would have it.
type value struct {
	text string
	at   Position
}

// shape is how the values of a key are written.
type shape int

const (
	single shape = iota // "64MiB", 100
	list                // ["a", "b"]
	pairs               // { A = "1", B = "2" }, each of which is a value A=1
)

// Position is a place in a file. Lines and columns count from 1, columns in
// characters.
type Position struct {
	File         string
	Line, Column int
}

func (p Position) String() string {
	return p.File + ":" + strconv.Itoa(p.Line) + ":" + strconv.Itoa(p.Column)
}

// Errorf returns an *Error at the place.
func (p Position) Errorf(format string, args ...any) error {
	return &Error{At: p, Text: fmt.Sprintf(format, args...)}
}

// Error is what is wrong with a file, and where.
type Error struct {
	At   Position
	Text string // one line
}

func (e *Error) Error() string { return e.At.String() + ": " + e.Text }

// Or returns the table with the keys of another that it does not have itself.
// A key is taken or left whole: a list is not made longer.
func (t Table) Or(defaults Table) Table {
	t.keys = append([]key(nil), t.keys...)
	for _, k := range defaults.keys {
		if t.find(k.name) == nil {
			t.keys = append(t.keys, k)
		}
	}
	return t
}

// Find returns the place of a key's value: that of the table where it has no
// such key.
func (t Table) Find(name string) Position {
	k := t.find(name)
	switch {
	case k == nil:
		return t.At
	case len(k.values) == 0:
		return k.at
	}
	return k.values[0].at
}

func (t Table) find(name string) *key {
	for i := range t.keys {
		if t.keys[i].name == name {
			return &t.keys[i]
		}
	}
	return nil
}
