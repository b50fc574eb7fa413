package codecache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Take puts the code that an engine has left in a fresh folder where the host's
// engine finds it, or begins to; [Cache.Clear] removes the folder. Name is how
// the engine calls it. What a compiler that went astray has left beside it, or
// instead of it, is an error.
func (c *Cache) Take(fresh string) (name string, err error) {
	c.fresh = fresh
	if name, err = c.take(fresh); err != nil {
		c.removeTaken()
		return "", err
	}
	return name, nil
}

func (c *Cache) take(fresh string) (name string, err error) {
	found, err := filesIn(fresh)
	if err != nil {
		return "", err
	}
	if len(found) != 1 {
		return "", fmt.Errorf("%d pieces of native code came of one file", len(found))
	}
	name = found[0]
	code, err := openFresh(fresh, name)
	if err != nil {
		return "", err
	}
	c.native = filepath.Join(fresh, filepath.FromSlash(name))
	err = c.give(name, code, func(path string, _ []byte) error {
		from := c.native
		c.native = path
		return errors.Join(code.file.Close(), os.Rename(from, path))
	})
	if err != nil {
		_ = code.file.Close()
	}
	return name, err
}

// openFresh refuses what is no file of the engine's in a folder, such as a link
// that leads out of it.
func openFresh(fresh, name string) (*pieces, error) {
	if !engineName(name) {
		return nil, errors.New("what came of compiling has another name")
	}
	root, err := os.OpenRoot(fresh)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	path := filepath.FromSlash(name)
	info, err := root.Lstat(path)
	if err == nil && !info.Mode().IsRegular() {
		err = errors.New("what came of compiling is no file")
	}
	if err != nil {
		return nil, err
	}
	file, err := root.Open(path)
	if err != nil {
		return nil, err
	}
	return &pieces{file: file, unsealed: true, left: info.Size(), room: make([]byte, pieceLength)}, nil
}

// removeTaken removes the folder of what was taken.
func (c *Cache) removeTaken() {
	if c.fresh != "" {
		c.Remove(c.fresh)
		c.fresh, c.native = "", ""
	}
}
