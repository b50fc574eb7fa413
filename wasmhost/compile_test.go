package wasmhost

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// entries returns the files of a cache's directory.
func entries(t *testing.T, dir string) (paths []string) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	must(t, err)
	return paths
}

// compilesInto is a Config whose Compile does, in this process, what is meant
// for another, and then something to the cache's one entry.
func compilesInto(dir string, then func(entry string)) func(*Config) {
	return func(c *Config) {
		c.CacheDir = dir
		c.Compile = func(ctx context.Context, _ string, file []byte) error {
			if err := Compile(ctx, dir, file); err != nil {
				return err
			}
			found, _ := filepath.Glob(filepath.Join(dir, "*", "*"))
			then(found[0])
			return nil
		}
	}
}

// returns7 loads a plugin and calls it.
func (f *fixture) returns7() {
	f.t.Helper()
	g := f.newInstance(settings{plugin: f.load("seven", handlerOf(i32Const(7)))})
	defer g.close()
	must(f.t, g.instantiate())
	results, err := g.call("handle", 0)
	must(f.t, err)
	if results[0] != 7 {
		f.t.Errorf("handle is %d", results[0])
	}
}

func (f *fixture) troubles() (texts []string) {
	f.reports.mu.Lock()
	defer f.reports.mu.Unlock()
	for _, r := range f.reports.all {
		if r.Event == EventTrouble {
			texts = append(texts, r.Error)
		}
	}
	return texts
}

func TestWhatWasCompiledElsewhereIsNotCompiledAgain(t *testing.T) {
	dir := t.TempDir()
	var before os.FileInfo
	f := newFixture(t, compilesInto(dir, func(entry string) { before, _ = os.Stat(entry) }))
	f.returns7()
	// The engine would have made another entry, or put a new file in its place.
	found := entries(t, dir)
	if len(found) != 1 {
		t.Fatalf("the cache has %d entries", len(found))
	}
	if after, err := os.Stat(found[0]); err != nil || !os.SameFile(before, after) {
		t.Errorf("the entry was written again: %v", err)
	}
	if said := f.troubles(); len(said) > 0 {
		t.Errorf("reported %q", said)
	}
}

func TestADamagedCacheIsDoneWithout(t *testing.T) {
	for name, damage := range map[string]func([]byte) []byte{
		"empty":        func(b []byte) []byte { return nil },
		"cut short":    func(b []byte) []byte { return b[:len(b)/2] },
		"bad magic":    func(b []byte) []byte { b[0]++; return b },
		"bad checksum": func(b []byte) []byte { b[len(b)-8]++; return b },
	} {
		t.Run(name, func(t *testing.T) {
			f := newFixture(t, compilesInto(t.TempDir(), func(entry string) {
				content, err := os.ReadFile(entry)
				if err == nil {
					err = os.WriteFile(entry, damage(content), 0o600)
				}
				if err != nil {
					panic(err)
				}
			}))
			f.returns7()
			if said := f.troubles(); len(said) != 1 || !strings.HasPrefix(said[0], "seven is served without the cache: ") {
				t.Errorf("reported %q", said)
			}
		})
	}
}

func TestACacheThatCannotBeWrittenIsDoneWithout(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if err := Compile(context.Background(), file, handlerOf(i32Const(7))); !errors.Is(err, ErrNotKept) {
		t.Errorf("Compile into a file is %v", err)
	}
	f := newFixture(t, func(c *Config) { c.CacheDir = file })
	f.returns7()
	if said := f.troubles(); len(said) != 1 || !strings.HasPrefix(said[0], "goes on without the cache: ") {
		t.Errorf("reported %q", said)
	}
	f = newFixture(t, func(c *Config) {
		c.CacheDir = t.TempDir()
		c.Compile = func(context.Context, string, []byte) error { return ErrNotKept }
	})
	f.returns7()
	if said := f.troubles(); len(said) != 1 {
		t.Errorf("reported %q", said)
	}
}

func TestWhatCompileSaysOfAFileRefusesIt(t *testing.T) {
	if err := Compile(context.Background(), t.TempDir(), []byte("\x00asm\x01\x00\x00\x00\x01")); err == nil || errors.Is(err, ErrNotKept) {
		t.Errorf("Compile of no module is %v", err)
	}
	f := newFixture(t, func(c *Config) {
		c.CacheDir = t.TempDir()
		c.Compile = func(context.Context, string, []byte) error { return errors.New("took more than 60s to compile") }
	})
	_, err := f.Load(context.Background(), "x.wasm", handlerOf(i32Const(7)))
	var load *LoadError
	if !errors.As(err, &load) || err.Error() != "x.wasm: took more than 60s to compile" {
		t.Errorf("the error is %v", err)
	}
}

func TestPluginsOfBothEnginesServe(t *testing.T) {
	refuse := true
	f := newFixture(t, func(c *Config) {
		c.CacheDir = t.TempDir()
		c.Compile = func(ctx context.Context, _ string, file []byte) error {
			if refuse {
				return ErrNotKept
			}
			return Compile(ctx, c.CacheDir, file)
		}
	})
	f.returns7()
	refuse = false
	f.returns7()
}
