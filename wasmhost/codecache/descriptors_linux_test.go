package codecache

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/sandsock/sandsock/core/coretest"
)

// TestWithoutDescriptorsNothingIsDropped gets an entry with none left, with one,
// and so on.
func TestWithoutDescriptorsNothingIsDropped(t *testing.T) {
	dir := t.TempDir()
	c := newCache(t, dir)
	c.putCode(t, key, engineCode(6*pieceLength))
	failed := 0
	for left := range 8 {
		coretest.WithDescriptors(t, left, func() {
			if _, err := c.Get(key); err == errDamaged {
				t.Errorf("with %d descriptors it is damaged", left)
			} else if err != nil {
				failed++
			}
		})
		must(t, c.Clear())
		if _, err := os.Stat(filepath.Join(dir, key.file())); err != nil {
			t.Fatalf("with %d descriptors it is dropped: %v", left, err)
		}
	}
	if failed == 0 || failed == 8 {
		t.Errorf("it failed %d times of 8", failed)
	}
}

func TestWhatCannotBeRemovedWithoutDescriptorsIsRemovedLater(t *testing.T) {
	c := newCache(t, t.TempDir())
	fresh, err := c.Fresh()
	must(t, err)
	must(t, os.MkdirAll(filepath.Join(fresh, "a", "b"), 0o700))
	code := c.taken(t, engineCode(1))
	coretest.WithDescriptors(t, 0, func() {
		c.Remove(fresh)
		_ = c.Clear()
	})
	if _, err := os.Stat(fresh); err != nil {
		t.Fatalf("it takes no descriptor: %v", err)
	}
	another, err := c.Fresh()
	must(t, err)
	c.Remove(another)
	if _, err := os.Stat(fresh); !os.IsNotExist(err) {
		t.Errorf("the fresh folder: %v", err)
	}
	other := name[:len(name)-2] + "00"
	if _, err := c.place(other); err != nil || other == code {
		t.Fatal(err, other)
	}
	if left, err := filesIn(c.Dir()); err != nil || len(left) > 0 {
		t.Errorf("beside another piece: %q, %v", left, err)
	}
}

// TestAnEntryThatBecomesAPipeHoldsNothingUp is one that did when it had been
// looked at.
func TestAnEntryThatBecomesAPipeHoldsNothingUp(t *testing.T) {
	dir := t.TempDir()
	c := newCache(t, dir)
	must(t, unix.Mkfifo(filepath.Join(dir, key.file()), 0o600))
	read := make(chan error, 1)
	go func() {
		_, err := c.read(key)
		read <- err
	}()
	select {
	case err := <-read:
		if err != errDamaged {
			t.Errorf("the error is %v", err)
		}
	case <-time.After(patience):
		t.Fatal("it is waited for")
	}
}

// TestAnEntryThatIsDroppedMeanwhileIsNone is one that another host dropped.
func TestAnEntryThatIsDroppedMeanwhileIsNone(t *testing.T) {
	if _, err := newCache(t, t.TempDir()).read(key); err != ErrNone {
		t.Errorf("the error is %v", err)
	}
}
