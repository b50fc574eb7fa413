package wasmhost

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/codecache"
)

// newCache returns a cache that keeps what is compiled in a folder; nothing
// between runs where it is "".
func newCache(t *testing.T, dir string) *codecache.Cache {
	t.Helper()
	cache, err := codecache.New()
	must(t, err)
	t.Cleanup(func() { must(t, cache.Close()) })
	if dir != "" {
		must(t, cache.Keep(dir))
	}
	return cache
}

// compilesInto is a Config whose Compile does, in this process, what is meant
// for another, and then something to the folder.
func compilesInto(cache *codecache.Cache, then func(dir string)) func(*Config) {
	return func(c *Config) {
		c.Cache = cache
		c.Compile = func(ctx context.Context, dir, _ string, file []byte) error {
			if err := Compile(ctx, dir, file); err != nil {
				return err
			}
			then(dir)
			return nil
		}
	}
}

// entry is the one file that was compiled into a folder.
func entry(dir string) string {
	found, err := filepath.Glob(filepath.Join(dir, "*", "*"))
	if err != nil || len(found) != 1 {
		panic("not one file was compiled into " + dir)
	}
	return found[0]
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

// files are those in a folder.
func files(t *testing.T, dir string) []string {
	t.Helper()
	found, err := filepath.Glob(filepath.Join(dir, "*"))
	must(t, err)
	return found
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
	const again = "seven was compiled in this process: the engine does not take what another has compiled"
	for name, tt := range map[string]struct {
		then func(dir string)
		want string
		kept int
	}{
		"as it is": {func(string) {}, "", 1},
		"as another plugin's": {func(dir string) {
			must(t, os.Rename(entry(dir), filepath.Join(filepath.Dir(entry(dir)), strings.Repeat("0", 64))))
		}, again, 0},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			f := newFixture(t, compilesInto(newCache(t, dir), tt.then))
			f.returns7()
			if said := strings.Join(f.troubles(), "; "); said != tt.want {
				t.Errorf("reported %q", said)
			}
			if kept := files(t, dir); len(kept) != tt.kept {
				t.Errorf("kept %q", kept)
			}
		})
	}
}

// TestCodeThatIsDamagedOnItsWayIsDoneWithout damages what another process has
// compiled before this one takes it.
func TestCodeThatIsDamagedOnItsWayIsDoneWithout(t *testing.T) {
	for name, damage := range damages {
		t.Run(name, func(t *testing.T) {
			lasting := t.TempDir()
			f := newFixture(t, compilesInto(newCache(t, lasting), func(dir string) {
				content, err := os.ReadFile(entry(dir))
				must(t, err)
				must(t, os.WriteFile(entry(dir), damage(content), 0o600))
			}))
			f.returns7()
			if said := f.troubles(); len(said) != 1 || !strings.HasPrefix(said[0], "seven is served without the cache: ") {
				t.Errorf("reported %q", said)
			}
			if kept := files(t, lasting); len(kept) > 0 {
				t.Errorf("kept %q", kept)
			}
		})
	}
}

// damages are what the engine notices in its own files.
var damages = map[string]func([]byte) []byte{
	"empty":        func(b []byte) []byte { return nil },
	"cut short":    func(b []byte) []byte { return b[:len(b)/2] },
	"bad magic":    func(b []byte) []byte { b[0]++; return b },
	"bad checksum": func(b []byte) []byte { b[len(b)-8]++; return b },
}

// TestWhatACompilerLeavesThatIsNoCodeIsDoneWithout leaves nothing, too much, a
// folder, a link and another name.
func TestWhatACompilerLeavesThatIsNoCodeIsDoneWithout(t *testing.T) {
	for name, leave := range map[string]func(dir string) error{
		"nothing":      func(dir string) error { return os.Remove(entry(dir)) },
		"two":          func(dir string) error { return os.WriteFile(entry(dir)+".2", nil, 0o600) },
		"another name": func(dir string) error { return os.Rename(entry(dir), filepath.Join(filepath.Dir(entry(dir)), "x")) },
		"a folder": func(dir string) error {
			path := entry(dir)
			return errors.Join(os.Remove(path), os.Mkdir(path, 0o700))
		},
		"a folder elsewhere": func(dir string) error {
			folder, elsewhere := filepath.Dir(entry(dir)), filepath.Join(t.TempDir(), "elsewhere")
			return errors.Join(os.Rename(folder, elsewhere), os.Symlink(elsewhere, folder))
		},
		"a link": func(dir string) error {
			path := entry(dir)
			return errors.Join(os.Rename(path, filepath.Join(dir, "code")), os.Symlink(filepath.Join(dir, "code"), path))
		},
	} {
		t.Run(name, func(t *testing.T) {
			lasting := t.TempDir()
			f := newFixture(t, compilesInto(newCache(t, lasting), func(dir string) { must(t, leave(dir)) }))
			f.returns7()
			if said := f.troubles(); len(said) != 1 || !strings.HasPrefix(said[0], "seven is served without the cache: ") {
				t.Errorf("reported %q", said)
			}
			if kept := files(t, lasting); len(kept) > 0 {
				t.Errorf("kept %q", kept)
			}
		})
	}
}

func TestACompilerThatCannotWriteIsDoneWithout(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	must(t, os.WriteFile(file, nil, 0o600))
	if err := Compile(context.Background(), file, handlerOf(i32Const(7))); !errors.Is(err, ErrNotKept) {
		t.Errorf("Compile into a file is %v", err)
	}
	f := newFixture(t, func(c *Config) {
		c.Cache = newCache(t, "")
		c.Compile = func(context.Context, string, string, []byte) error { return ErrNotKept }
	})
	f.returns7()
	if said := f.troubles(); len(said) != 1 {
		t.Errorf("reported %q", said)
	}
	gone := newCache(t, "")
	must(t, gone.Close())
	must(t, os.WriteFile(filepath.Dir(gone.Dir()), nil, 0o600)) // a file is where its folder was
	f = newFixture(t, func(c *Config) { c.Cache = gone })
	f.returns7()
	if said := f.troubles(); len(said) != 1 || !strings.HasPrefix(said[0], "goes on without the cache: ") {
		t.Errorf("reported %q", said)
	}
}

func TestALoadThatIsGivenUpIsNoFaultOfTheFile(t *testing.T) {
	gone := errors.New("gone")
	ctx, cancel := context.WithCancelCause(t.Context())
	f := newFixture(t, func(c *Config) {
		c.Cache = newCache(t, "")
		c.Compile = func(ctx context.Context, _, _ string, _ []byte) error {
			cancel(gone)
			return context.Cause(ctx)
		}
	})
	if _, err := f.Load(ctx, "seven", handlerOf(i32Const(7))); err != gone {
		t.Errorf("the error is %v", err)
	}
}

func TestWhatCompileSaysOfAFileRefusesIt(t *testing.T) {
	if err := Compile(context.Background(), t.TempDir(), []byte("\x00asm\x01\x00\x00\x00\x01")); err == nil || errors.Is(err, ErrNotKept) {
		t.Errorf("Compile of no module is %v", err)
	}
	f := newFixture(t, func(c *Config) {
		c.Cache = newCache(t, "")
		c.Compile = func(context.Context, string, string, []byte) error {
			return errors.New("took more than 60s to compile")
		}
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
		c.Cache = newCache(t, "")
		c.Compile = func(ctx context.Context, dir, _ string, file []byte) error {
			if refuse {
				return ErrNotKept
			}
			return Compile(ctx, dir, file)
		}
	})
	f.returns7()
	refuse = false
	f.returns7()
}
