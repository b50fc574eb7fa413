//go:build unix

package codecache

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/codecache/folder"
)

func TestAFolderOfAnotherUserIsUnsafe(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("giving a folder to another user needs root")
	}
	dir := t.TempDir()
	must(t, os.Chown(dir, 12345, -1))
	var unsafe *folder.UnsafeError
	c, err := New()
	must(t, err)
	defer c.Close()
	if err := c.Keep(dir); !errors.As(err, &unsafe) {
		t.Errorf("the error is %v", err)
	}
}

// TestAPipeInPlaceOfAnEntryIsDropped would wait for a writer.
func TestAPipeInPlaceOfAnEntryIsDropped(t *testing.T) {
	dir := t.TempDir()
	c := newCache(t, dir)
	must(t, syscall.Mkfifo(filepath.Join(dir, key.file()), 0o600))
	if _, err := c.Get(key); err != errDamaged {
		t.Errorf("the error is %v", err)
	}
}

func TestAFolderThatCannotBeWrittenIsReadAndNotWritten(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root writes everywhere")
	}
	dir := t.TempDir()
	c := newCache(t, dir)
	c.putCode(t, key, []byte("code"))
	must(t, os.Chmod(dir, 0o500))
	if _, err := c.Get(key); err != nil {
		t.Errorf("reading: %v", err)
	}
	e := Entry{Name: c.taken(t, []byte("code"))}
	if err := c.Put(Key{9}, e); err == nil || !strings.HasSuffix(err.Error(), ": permission denied") {
		t.Errorf("writing: %v", err)
	}
}
