package codecache

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// newCache returns a cache that keeps code in a folder.
func newCache(t *testing.T, dir string) *Cache {
	t.Helper()
	c, err := New()
	must(t, err)
	t.Cleanup(func() { must(t, c.Close()) })
	must(t, c.Keep(dir))
	return c
}

var (
	name = "wazero-v1-x/" + strings.Repeat("0a", 32)
	key  = Key{1, 2, 3}
)

// putCode keeps code under a key, as a host does.
func (c *Cache) putCode(t *testing.T, key Key, code []byte) Entry {
	t.Helper()
	e := Entry{Name: c.taken(t, code), Facts: []byte("facts"), Module: []byte("module")}
	must(t, c.Put(key, e))
	c.Clear()
	return e
}

// taken is the name of code that went through a fresh folder.
func (c *Cache) taken(t *testing.T, code []byte) string {
	t.Helper()
	dir, err := c.Fresh()
	must(t, err)
	path := filepath.Join(dir, filepath.FromSlash(name))
	must(t, os.Mkdir(filepath.Dir(path), 0o700))
	must(t, os.WriteFile(path, code, 0o600))
	got, err := c.Take(dir)
	must(t, err)
	return got
}

// code is what the engine finds.
func (c *Cache) code(t *testing.T) []byte {
	t.Helper()
	code, err := os.ReadFile(filepath.Join(c.Dir(), filepath.FromSlash(name)))
	must(t, err)
	return code
}

func TestWhatOneHostKeepsAnotherFinds(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there")
	code := bytes.Repeat([]byte("native code "), 100_000)
	want := newCache(t, dir).putCode(t, key, code)
	c := newCache(t, dir)
	got, err := c.Get(key)
	if err != nil || !reflect.DeepEqual(got, want) || !bytes.Equal(c.code(t), code) || c.Taken(name) != nil {
		t.Errorf("got %+v, %v, and %d bytes of code", got, err, len(c.code(t)))
	}
	c.Clear()
	if c.Taken(name) != ErrNotTaken {
		t.Error("it is not cleared")
	}
	if _, err := c.Get(Key{9}); err != ErrNone {
		t.Errorf("of another key: %v", err)
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info.Mode(), err)
	}
}

func TestACacheThatKeepsNothingHasNothing(t *testing.T) {
	c, err := New()
	must(t, err)
	c.putCode(t, key, []byte("code"))
	if _, err := c.Get(key); err != ErrNone || c.Keeps() {
		t.Errorf("the error is %v", err)
	}
	must(t, c.Close())
	if _, err := os.Stat(c.Dir()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("its folder is left: %v", err)
	}
}

// TestAnEntryWithAnyDamageIsDropped cuts it at every place, turns a bit of every
// byte, and lengthens it.
func TestAnEntryWithAnyDamageIsDropped(t *testing.T) {
	dir := t.TempDir()
	c := newCache(t, dir)
	c.putCode(t, key, []byte("native code"))
	path := filepath.Join(dir, key.file())
	whole, err := os.ReadFile(path)
	must(t, err)
	damaged := [][]byte{append(bytes.Clone(whole), 0), append(bytes.Clone(whole), whole...)}
	for i := range whole {
		turned := bytes.Clone(whole)
		turned[i] ^= 1 << (i % 8)
		damaged = append(damaged, whole[:i], turned)
	}
	for i, content := range damaged {
		must(t, os.WriteFile(path, content, 0o600))
		if _, err := c.Get(key); err != errDamaged {
			t.Fatalf("damage %d, %d bytes: the error is %v", i, len(content), err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Fatalf("damage %d: it is still there", i)
		}
		if left, _ := filesIn(c.Dir()); len(left) > 0 {
			t.Fatalf("damage %d: the engine would find %q", i, left)
		}
	}
	must(t, os.WriteFile(path, whole, 0o600))
	if _, err := c.Get(key); err != nil {
		t.Errorf("undamaged: %v", err)
	}
}

func TestAnEntryUnderAnotherKeyIsDropped(t *testing.T) {
	dir := t.TempDir()
	c := newCache(t, dir)
	c.putCode(t, key, []byte("native code"))
	must(t, os.Rename(filepath.Join(dir, key.file()), filepath.Join(dir, Key{4}.file())))
	if _, err := c.Get(Key{4}); err != errDamaged {
		t.Errorf("the error is %v", err)
	}
}

func TestWhatIsNoFileIsDropped(t *testing.T) {
	dir := t.TempDir()
	c := newCache(t, dir)
	outside := filepath.Join(t.TempDir(), "outside")
	must(t, os.WriteFile(outside, nil, 0o600))
	for name, make := range map[string]func(path string) error{
		"a folder": func(path string) error { return os.MkdirAll(filepath.Join(path, "more"), 0o700) },
		"a link":   func(path string) error { return os.Symlink(outside, path) },
	} {
		path := filepath.Join(dir, key.file())
		must(t, make(path))
		if _, err := c.Get(key); err != errDamaged {
			t.Errorf("%s: the error is %v", name, err)
		}
		if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s is still there: %v", name, err)
		}
	}
	if _, err := os.Stat(outside); err != nil {
		t.Errorf("what the link leads to: %v", err)
	}
}

// TestAFullDiskOnTheWayToTheEngineDropsNothing has a file where the engine's
// folder is to be.
func TestAFullDiskOnTheWayToTheEngineDropsNothing(t *testing.T) {
	dir := t.TempDir()
	c := newCache(t, dir)
	c.putCode(t, key, []byte("native code"))
	must(t, os.RemoveAll(c.Dir()))
	must(t, os.WriteFile(c.Dir(), nil, 0o600))
	if _, err := c.Get(key); err == nil || err == errDamaged {
		t.Errorf("the error is %v", err)
	}
	if _, err := newCache(t, dir).Get(key); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestNobodySeesHalfAnEntry puts one again and again while another host gets it.
func TestNobodySeesHalfAnEntry(t *testing.T) {
	dir := t.TempDir()
	writer, reader := newCache(t, dir), newCache(t, dir)
	e := Entry{Name: writer.taken(t, bytes.Repeat([]byte("native code "), 100_000))}
	must(t, writer.Put(key, e))
	done := make(chan error)
	go func() {
		var err error
		for range 50 {
			err = errors.Join(err, writer.Put(key, e))
		}
		done <- err
	}()
	for {
		if _, err := reader.Get(key); err != nil {
			t.Fatal(errors.Join(err, <-done))
		}
		select {
		case err := <-done:
			must(t, err)
			return
		default:
		}
	}
}

func TestOnlyNamesOfTheEngineAreTaken(t *testing.T) {
	hex := strings.Repeat("0", 64)
	for name, want := range map[string]bool{
		"wazero-v1.12.0-amd64-linux/" + hex: true,
		"wazero-x/" + hex[1:]:               false,
		"wazero-x/" + hex[1:] + "G":         false,
		"wazero-x/../" + hex:                false,
		"wazero-x/" + hex + "/x":            false,
		"../" + hex:                         false,
		`wazero-x\../` + hex:                false,
		hex:                                 false,
		"":                                  false,
	} {
		if got := engineName(name); got != want {
			t.Errorf("engineName(%q) = %v", name, got)
		}
	}
}
