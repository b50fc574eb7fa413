// Package folder opens a folder of the user's own, in which nobody else can put
// anything.
package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// UnsafeError says why a folder is not to be used: somebody else can, or could,
// put something there that its user would take for their own.
type UnsafeError struct {
	Dir    string
	Reason string // completes a sentence that begins with the folder
}

func (e *UnsafeError) Error() string { return e.Dir + " " + e.Reason }

// Open opens a folder, which it makes where there is none, for its user only.
// What is done through the opened folder is done there, whatever its name leads
// to later, and it is the opened one that is checked. The error is an
// [*UnsafeError], or says why there can be none.
func Open(dir string) (*os.Root, error) {
	if err := create(dir); err != nil {
		return nil, err
	}
	named, err := os.Lstat(dir)
	if err != nil {
		return nil, err
	}
	switch {
	case named.Mode()&fs.ModeSymlink != 0:
		return nil, errors.New(dir + " is a link; name the folder that it leads to")
	case !named.IsDir():
		return nil, errors.New(dir + " is no folder")
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	if err := check(root, dir, named); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}

func create(dir string) error {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o700); err != nil {
		return err
	}
	err := os.Mkdir(dir, 0o700)
	if errors.Is(err, fs.ErrExist) { // another host has just made it
		return nil
	}
	return err
}

func check(root *os.Root, dir string, named fs.FileInfo) error {
	opened, err := root.Stat(".")
	switch {
	case err != nil:
		return err
	case !os.SameFile(named, opened):
		return &UnsafeError{dir, "was exchanged while it was opened"}
	}
	if reason := othersCanWrite(opened); reason != "" {
		return &UnsafeError{dir, reason}
	}
	return nil
}
