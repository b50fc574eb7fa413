package main

import (
	"errors"
	"path/filepath"
)

// wordFlag is a text that is not empty, such as a path.
type wordFlag struct {
	to   *string
	typ  string // as help has it: FILE
	what string // for whom leaves it empty: a file
}

func (f wordFlag) String() string { return "" }
func (f wordFlag) Type() string   { return f.typ }

func (f wordFlag) Set(text string) error {
	if text == "" {
		return errors.New(`"": it is ` + f.what)
	}
	*f.to = text
	return nil
}

// pathFlag is the path of a socket, kept as an absolute one.
type pathFlag struct{ to *string }

func (f pathFlag) String() string { return "" }
func (f pathFlag) Type() string   { return "PATH" }

func (f pathFlag) Set(text string) (err error) {
	if err = (wordFlag{f.to, f.Type(), "a path of a socket"}).Set(text); err == nil {
		*f.to, err = filepath.Abs(text)
	}
	return err
}
