package folder

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
)

func makeTemporary(t *testing.T, in string) *Temporary {
	t.Helper()
	f, err := MakeTemporary(in)
	must(t, err)
	f.clearing.Wait()
	return f
}

// locks reports whether folders can be locked here.
func locks(t *testing.T) bool {
	opened, err := os.Open(t.TempDir())
	must(t, err)
	defer opened.Close()
	return lock(opened) == nil
}

func TestWhatADeadProcessLeftIsTakenAway(t *testing.T) {
	if !locks(t) {
		t.Skip("no folder can be locked")
	}
	in := t.TempDir()
	living, dead := makeTemporary(t, in), makeTemporary(t, in)
	must(t, os.MkdirAll(filepath.Join(dead.Path(), "engine", "more"), 0o700))
	must(t, dead.opened.Close()) // as the kernel does
	others := []string{temporaryName + "1", temporaryName + "x", temporaryName, "sandsock-2", "sandsock-0"}
	for _, name := range others {
		must(t, os.Mkdir(filepath.Join(in, name), 0o700))
	}
	must(t, os.Chmod(filepath.Join(in, others[0]), 0o777)) // none that was made here
	must(t, os.WriteFile(filepath.Join(in, temporaryName+"3"), nil, 0o600))
	newest := makeTemporary(t, in)
	want := append(others, temporaryName+"3", filepath.Base(living.Path()), filepath.Base(newest.Path()))
	var got []string
	entries, err := os.ReadDir(in)
	must(t, err)
	for _, e := range entries {
		got = append(got, e.Name())
	}
	slices.Sort(want)
	if !slices.Equal(got, want) {
		t.Errorf("there are %q, want %q", got, want)
	}
	must(t, errors.Join(living.Check(), newest.Check(), living.Close(), newest.Close()))
}

// TestFoldersThatAreMadeAtOnceAreEachTheirOwn has each maker look for what was
// left by the dead.
func TestFoldersThatAreMadeAtOnceAreEachTheirOwn(t *testing.T) {
	in := t.TempDir()
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 20 {
				f, err := MakeTemporary(in)
				if err == nil {
					err = errors.Join(f.Check(), os.Mkdir(filepath.Join(f.Path(), "x"), 0o700), f.Check(), f.Close())
				}
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
	if left, err := os.ReadDir(in); err != nil || len(left) > 0 {
		t.Errorf("%v is left, %v", left, err)
	}
}

// TestAFolderThatIsTakenAwayBeforeItIsLockedIsNotOwn also has another in its
// place.
func TestAFolderThatIsTakenAwayBeforeItIsLockedIsNotOwn(t *testing.T) {
	path := filepath.Join(t.TempDir(), "x")
	must(t, os.Mkdir(path, 0o700))
	opened, err := os.Open(path)
	must(t, err)
	defer opened.Close()
	must(t, os.Rename(path, path+".away"))
	if isOwn(opened, path) {
		t.Error("one that is gone is")
	}
	must(t, os.Mkdir(path, 0o700))
	if isOwn(opened, path) {
		t.Error("another is")
	}
}

func TestAClosedFolderIsGoneForGood(t *testing.T) {
	f := makeTemporary(t, t.TempDir())
	must(t, errors.Join(f.Close(), f.Close()))
	if err := f.Check(); !errors.Is(err, os.ErrClosed) {
		t.Errorf("the error is %v", err)
	}
	if _, err := os.Stat(f.Path()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("it is there: %v", err)
	}
}

func TestWhereNoFolderCanBeMadeThereIsNone(t *testing.T) {
	if f, err := MakeTemporary(filepath.Join(t.TempDir(), "not", "there")); err == nil {
		t.Errorf("there is %s", f.Path())
	}
}
