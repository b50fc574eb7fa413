package codecache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
)

// UnsafeError says why a folder is not to be used: somebody else can, or could,
// put code there, which the host would run.
type UnsafeError struct {
	Dir    string
	Reason string // completes a sentence that begins with the folder
}

func (e *UnsafeError) Error() string { return e.Dir + " " + e.Reason }

// openFolder opens a folder, which it makes where there is none. All that is
// done in there goes through the opened folder, whatever its name leads to
// later, and it is the opened one that is checked.
func openFolder(dir string) (*os.Root, error) {
	if err := makeFolder(dir); err != nil {
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
	if err := checkFolder(root, dir, named); err != nil {
		return nil, errors.Join(err, root.Close())
	}
	return root, nil
}

func makeFolder(dir string) error {
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

func checkFolder(root *os.Root, dir string, named fs.FileInfo) error {
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
