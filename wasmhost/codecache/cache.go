package codecache

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sandsock/sandsock/wasmhost/codecache/folder"
)

// Cache keeps native code. Its methods may be called from any number of
// goroutines, and at once, but what lies in the engine's folder is one caller's
// at a time: from [Cache.Get] or [Cache.Take] to [Cache.Clear].
type Cache struct {
	work *folder.Temporary
	kept *os.Root // nil where nothing is kept between runs
	feed *feed    // nil while no code is on its way to the engine

	fresh  string // the folder with what was taken; "" where there is none
	native string // the file of that

	mu   sync.Mutex
	left []string // folders that could not be removed yet
}

// ErrNone says that there is no code under a key.
var ErrNone = errors.New("nothing is kept of it")

// New returns a cache that keeps nothing between runs: code only goes through
// its folder from the process that compiles to the one that runs it. Close it.
func New() (*Cache, error) {
	work, err := folder.MakeTemporary("")
	if err != nil {
		return nil, err
	}
	c := &Cache{work: work}
	if err := os.Mkdir(c.Dir(), 0o700); err != nil {
		return nil, errors.Join(err, work.Close())
	}
	return c, nil
}

// engineFolder is the one that the engine is given.
const engineFolder = "engine"

// Dir is the folder for the engine.
func (c *Cache) Dir() string { return filepath.Join(c.work.Path(), engineFolder) }

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
	return errors.Join(err, c.work.Close())
}

// Fresh makes a folder to compile one file into, which nobody else writes to.
func (c *Cache) Fresh() (dir string, err error) {
	if err := c.work.Check(); err != nil {
		return "", err
	}
	c.mu.Lock()
	left := c.left
	c.left = nil
	c.mu.Unlock()
	for _, dir := range left {
		c.Remove(dir)
	}
	return os.MkdirTemp(c.work.Path(), "fresh-*")
}

// Remove removes a fresh folder that nothing came of. Where that fails, since
// it takes a descriptor and there is none, the next Fresh does.
func (c *Cache) Remove(fresh string) {
	if os.RemoveAll(fresh) != nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.left = append(c.left, fresh)
	}
}

// filesIn returns what is in the folders of a folder, as the engine calls it.
func filesIn(dir string) (names []string, err error) {
	folders, err := os.ReadDir(dir)
	for _, f := range folders {
		if !f.IsDir() {
			continue
		}
		files, err := os.ReadDir(filepath.Join(dir, f.Name()))
		if err != nil {
			return nil, err
		}
		for _, file := range files {
			names = append(names, f.Name()+"/"+file.Name())
		}
	}
	return names, err
}

// place returns the path of an engine's file in its folder, where no other is,
// and makes what is missing on the way there.
func (c *Cache) place(name string) (string, error) {
	if err := c.work.Check(); err != nil {
		return "", err
	}
	path := c.path(name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return "", err
	}
	return path, c.empty(name)
}

func (c *Cache) path(name string) string { return filepath.Join(c.Dir(), filepath.FromSlash(name)) }

// empty removes what is in the engine's folder but for a file of that name.
// No folder is as good as one with nothing in it.
func (c *Cache) empty(but string) error {
	left, err := filesIn(c.Dir())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for _, name := range left {
		if name != but {
			err = errors.Join(err, os.Remove(c.path(name)))
		}
	}
	return err
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

// ErrNotTaken is the error of [Cache.Taken] for code that the engine left, and
// compiled instead.
var ErrNotTaken = errors.New("it is another engine's")

// Taken looks whether the engine, which has loaded, took the piece of that
// name. Where it has compiled there is another: that is [ErrNotTaken]. Any
// other error is why nobody knows.
func (c *Cache) Taken(name string) error {
	found, err := filesIn(c.Dir())
	if err == nil && (len(found) != 1 || found[0] != name) {
		err = ErrNotTaken
	}
	return err
}
