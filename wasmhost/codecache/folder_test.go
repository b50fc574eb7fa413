package codecache

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"

	"github.com/sandsock/sandsock/wasmhost/codecache/folder"
)

func TestAFolderThatOthersCanWriteToIsUnsafe(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("its folders have access control lists, which are not looked at")
	}
	for mode, want := range map[os.FileMode]bool{0o700: true, 0o755: true, 0o770: false, 0o707: false, 0o777: false, 0o1777: false} {
		dir := t.TempDir()
		must(t, os.Chmod(dir, mode))
		var unsafe *folder.UnsafeError
		c, err := New()
		must(t, err)
		if err := c.Keep(dir); errors.As(err, &unsafe) == want || (err == nil) != want {
			t.Errorf("mode %o: %v", mode, err)
		}
		must(t, c.Close())
	}
}

func TestWhatIsNoFolderIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	file, link, loop := filepath.Join(dir, "file"), filepath.Join(dir, "link"), filepath.Join(dir, "loop")
	must(t, os.WriteFile(file, nil, 0o600))
	must(t, os.Symlink(t.TempDir(), link))
	must(t, os.Symlink(loop, loop))
	for path, want := range map[string]string{
		file:                      file + " is no folder",
		link:                      link + " is a link; name the folder that it leads to",
		loop:                      loop + " is a link; name the folder that it leads to",
		filepath.Join(file, "in"): "lstat " + filepath.Join(file, "in") + ": not a directory",
	} {
		c, err := New()
		must(t, err)
		if err := c.Keep(path); err == nil || err.Error() != want {
			t.Errorf("%s: %v", path, err)
		}
		if c.Keeps() {
			t.Errorf("%s is used", path)
		}
		must(t, c.Close())
	}
}

// TestWhatIsPutAfterAFolderWasExchangedStaysInTheFirst opens by the folder, not
// by its name.
func TestWhatIsPutAfterAFolderWasExchangedStaysInTheFirst(t *testing.T) {
	parent := t.TempDir()
	dir, moved := filepath.Join(parent, "cache"), filepath.Join(parent, "moved")
	c := newCache(t, dir)
	must(t, os.Rename(dir, moved))
	must(t, os.Mkdir(dir, 0o777))
	c.putCode(t, key, []byte("code"))
	if _, err := os.Stat(filepath.Join(moved, key.file())); err != nil {
		t.Error(err)
	}
	if found, _ := os.ReadDir(dir); len(found) > 0 {
		t.Errorf("the other has %v", found)
	}
}

func TestWhatIsOldOrTooMuchIsDropped(t *testing.T) {
	dir := t.TempDir()
	c := newCache(t, dir)
	now := time.Now()
	make := func(name string, size int64, age time.Duration) {
		path := filepath.Join(dir, name)
		must(t, os.WriteFile(path, nil, 0o600))
		must(t, os.Truncate(path, size))
		must(t, os.Chtimes(path, now.Add(-age), now.Add(-age)))
	}
	make(Key{1}.file(), mostBytes/2, time.Hour)
	make(Key{2}.file(), mostBytes/2, 2*time.Hour)
	make(Key{3}.file(), 1, 3*time.Hour) // one byte too much
	make(Key{4}.file(), 0, mostAge+time.Hour)
	make("a.1-1"+temporarySuffix, 1, mostPart/2)
	make("b.1-1"+temporarySuffix, 1, mostPart*2)
	make("mine.txt", mostBytes, mostAge*2)
	c.trim(now)
	for name, want := range map[string]bool{
		Key{1}.file(): true, Key{2}.file(): true, Key{3}.file(): false, Key{4}.file(): false,
		"a.1-1" + temporarySuffix: true, "b.1-1" + temporarySuffix: false, "mine.txt": true,
	} {
		if _, err := os.Stat(filepath.Join(dir, name)); (err == nil) != want {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsUsedStays(t *testing.T) {
	dir := t.TempDir()
	c := newCache(t, dir)
	c.putCode(t, key, []byte("code"))
	old := time.Now().Add(-mostAge / 2)
	must(t, os.Chtimes(filepath.Join(dir, key.file()), old, old))
	if _, err := c.Get(key); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(filepath.Join(dir, key.file())); err != nil || time.Since(info.ModTime()) > time.Hour {
		t.Errorf("its time is %v, %v", info.ModTime(), err)
	}
}

func TestThisProgramHasAnIdentity(t *testing.T) {
	sum, err := Identity()
	if err != nil || sum == [32]byte{} {
		t.Errorf("it is %x, %v", sum, err)
	}
}

// TestAnExchangedFolderGetsNoCode: anybody could have put code into the other by
// then, or would have what is put there.
func TestAnExchangedFolderGetsNoCode(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a folder that is open stays where it is")
	}
	t.Setenv("TMPDIR", t.TempDir())
	dir := t.TempDir()
	c := newCache(t, dir)
	c.putCode(t, key, []byte("code"))
	work := filepath.Dir(c.Dir())
	must(t, os.Rename(work, work+".away"))
	must(t, os.MkdirAll(c.Dir(), 0o777))
	must(t, os.Chmod(work, 0o777)) // or a look for what was left behind takes it away
	var unsafe *folder.UnsafeError
	if _, err := c.Get(key); !errors.As(err, &unsafe) {
		t.Errorf("of code: %v", err)
	}
	if _, err := c.Fresh(); !errors.As(err, &unsafe) {
		t.Errorf("of a fresh folder: %v", err)
	}
	must(t, c.Close())
	if _, err := os.Stat(work); err != nil {
		t.Errorf("the other folder: %v", err)
	}
	if _, err := newCache(t, dir).Get(key); err != nil {
		t.Errorf("afterwards: %v", err)
	}
}

// TestAFolderThatWasTakenAwayIsMadeAnew is what becomes of one that nobody used
// for so long that it is taken for left.
func TestAFolderThatWasTakenAwayIsMadeAnew(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a folder that is open stays where it is")
	}
	c := newCache(t, t.TempDir())
	work := filepath.Dir(c.Dir())
	must(t, os.RemoveAll(work))
	c.putCode(t, key, []byte("code"))
	must(t, os.RemoveAll(work))
	if _, err := c.Get(key); err != nil || string(c.code(t)) != "code" {
		t.Errorf("the error is %v", err)
	}
	if info, err := os.Stat(work); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o700 {
		t.Errorf("the folder: %v, %v", info, err)
	}
}

func TestAFolderMayHaveAnyName(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it has no such names")
	}
	t.Setenv("TMPDIR", filepath.Join(t.TempDir(), "[a]*"))
	must(t, os.Mkdir(os.TempDir(), 0o700))
	c := newCache(t, t.TempDir())
	c.putCode(t, key, []byte("code"))
	if _, err := c.Get(key); err != nil || c.Taken(name) != nil {
		t.Errorf("%v, %v", err, c.Taken(name))
	}
	must(t, c.Clear())
	if c.Taken(name) != ErrNotTaken {
		t.Error("it is not cleared")
	}
}
