package codecache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/sandsock/sandsock/wasmhost/codecache/folder"
)

// Cache keeps native code. Its methods may be called from any number of
// goroutines, and at once, but what lies in the engine's folder is one caller's
// at a time: from [Cache.Get] or [Cache.Take] to [Cache.Clear].
type Cache struct {
	work string   // of this process only
	kept *os.Root // nil where nothing is kept between runs
	feed *feed    // nil while no code is on its way to the engine
}

// ErrNone says that there is no code under a key.
var ErrNone = errors.New("nothing is kept of it")

// New returns a cache that keeps nothing between runs: code only goes through
// its folder from the process that compiles to the one that runs it. Close it.
func New() (*Cache, error) {
	work, err := os.MkdirTemp("", "sandsock-*") // of mode 0700
	if err != nil {
		return nil, err
	}
	return &Cache{work: work}, os.Mkdir(filepath.Join(work, engineFolder), 0o700)
}

// engineFolder is the one that the engine is given.
const engineFolder = "engine"

// Dir is the folder for the engine.
func (c *Cache) Dir() string { return filepath.Join(c.work, engineFolder) }

// Keep makes the cache keep code in a folder, which is made where there is none.
// The error is a [*folder.UnsafeError], or says why nothing can be kept there:
// then the cache goes on without. It is called once, before any other method.
func (c *Cache) Keep(dir string) (err error) {
	c.kept, err = folder.Open(dir)
	return err
}

// Keeps reports whether anything is kept between runs.
func (c *Cache) Keeps() bool { return c.kept != nil }

// Close removes what is of this process only.
func (c *Cache) Close() error {
	err := c.Clear()
	if c.kept != nil {
		err = errors.Join(err, c.kept.Close())
	}
	return errors.Join(err, os.RemoveAll(c.work))
}

// Fresh makes a folder to compile one file into, which nobody else writes to.
func (c *Cache) Fresh() (dir string, err error) { return os.MkdirTemp(c.work, "fresh-*") }

// Remove removes a fresh folder that nothing came of.
func (c *Cache) Remove(fresh string) { _ = os.RemoveAll(fresh) }

// Take moves the code that an engine has put into a fresh folder to where the
// host's engine finds it, and removes the folder. Name is how the engine calls
// it. What a compiler that went astray has left beside it, or instead of it, is
// an error.
func (c *Cache) Take(fresh string) (name string, err error) {
	defer os.RemoveAll(fresh)
	found, err := filepath.Glob(filepath.Join(fresh, "*", "*"))
	if err != nil || len(found) != 1 {
		return "", fmt.Errorf("%d pieces of native code came of one file", len(found))
	}
	if name, err = filepath.Rel(fresh, found[0]); err != nil {
		return "", err
	}
	if err := checkFresh(fresh, name); err != nil {
		return "", err
	}
	name = filepath.ToSlash(name)
	to, err := c.place(name)
	if err != nil {
		return "", err
	}
	return name, os.Rename(found[0], to)
}

// checkFresh refuses what is no file of the engine's in a folder, such as a link
// that leads out of it.
func checkFresh(fresh, name string) error {
	if !engineName(filepath.ToSlash(name)) {
		return errors.New("what came of compiling has another name")
	}
	root, err := os.OpenRoot(fresh)
	if err != nil {
		return err
	}
	defer root.Close()
	if info, err := root.Lstat(name); err != nil || !info.Mode().IsRegular() {
		return errors.New("what came of compiling is no file")
	}
	return nil
}

// place returns the path of an engine's file in its folder, and makes what is
// missing on the way there.
func (c *Cache) place(name string) (string, error) {
	path := filepath.Join(c.Dir(), filepath.FromSlash(name))
	return path, os.MkdirAll(filepath.Dir(path), 0o700)
}

// engineName reports whether a name is one that the engine gives: a folder for
// its version, and 64 hexadecimal digits.
func engineName(name string) bool {
	folder, digits, ok := strings.Cut(name, "/")
	return ok && strings.HasPrefix(folder, "wazero-") && len(folder) <= 100 &&
		!strings.ContainsAny(folder, `/\:`) && isHex(digits)
}

func isHex(s string) bool {
	return len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
}

// Taken reports whether the engine, which has loaded, took the piece of that
// name: else it has compiled, and there is another.
func (c *Cache) Taken(name string) bool {
	found := c.engineFiles()
	return len(found) == 1 && found[0] == filepath.Join(c.Dir(), filepath.FromSlash(name))
}
