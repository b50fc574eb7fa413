package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
)

// Temporary is a folder of this process only, among those of all users for what
// is temporary. Its methods may be called from any number of goroutines.
//
// It is locked for as long as the process lives (flock(2), on Linux, macOS and
// FreeBSD). So it is known of one that a process left which was killed, and
// systemd-tmpfiles(8) does not take it for old.
type Temporary struct {
	path     string
	clearing sync.WaitGroup // of what others left

	mu     sync.Mutex
	opened *os.File // it, with the lock
	closed bool
}

// temporaryName begins the name of such a folder, before digits.
const temporaryName = "sandsock-work-"

// MakeTemporary makes a folder in another one, and takes away those that dead
// processes left there, without waiting for that. An empty name is that of the
// folder for what is temporary. Close it.
func MakeTemporary(in string) (t *Temporary, err error) {
	if in == "" {
		in = os.TempDir()
	}
	// Who takes away what was left may take the new one before it is locked.
	for range 10 {
		path, err := os.MkdirTemp(in, temporaryName+"*") // of mode 0700
		if err != nil {
			return nil, err
		}
		t = &Temporary{path: path}
		if t.opened, err = openLocked(path); err == nil {
			t.clearing.Go(func() { clearLeft(in) })
			return t, nil
		}
		if !errors.Is(err, errTaken) && !errors.Is(err, fs.ErrNotExist) {
			return nil, errors.Join(err, os.Remove(path))
		}
	}
	return nil, errTaken
}

var errTaken = errors.New("another process has it")

// openLocked opens a folder that is this process's own. Where no folder can be
// locked it is not; then none is ever taken for left.
func openLocked(path string) (*os.File, error) {
	opened, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if !isOwn(opened, path) {
		return nil, errors.Join(errTaken, opened.Close())
	}
	return opened, nil
}

func isOwn(opened *os.File, path string) bool {
	return !errors.Is(lock(opened), errTaken) && isAt(opened, path)
}

// isAt reports whether a path leads to what was opened, and by no link.
func isAt(opened *os.File, path string) bool {
	is, err := opened.Stat()
	if err != nil {
		return false
	}
	named, err := os.Lstat(path)
	return err == nil && os.SameFile(is, named)
}

// clearLeft takes away the folders of dead processes.
func clearLeft(in string) {
	entries, _ := os.ReadDir(in)
	for _, e := range entries {
		digits, ok := strings.CutPrefix(e.Name(), temporaryName)
		if !ok || !e.IsDir() || digits == "" || strings.Trim(digits, "0123456789") != "" {
			continue
		}
		path := filepath.Join(in, e.Name())
		left, err := os.Open(path)
		if err != nil {
			continue
		}
		if info, err := left.Stat(); err == nil && othersCanWrite(info) == "" && lock(left) == nil && isAt(left, path) {
			_ = os.RemoveAll(path)
		}
		_ = left.Close()
	}
}

// Path is the folder's, which leads there as long as [Temporary.Check] says so.
func (t *Temporary) Path() string { return t.path }

// Check is to be called before the path is used: whatever takes old files away
// may have taken the folder, and then anybody can have made another in its
// place. One that is gone is made anew; the error says why there is none.
func (t *Temporary) Check() error {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch _, err := os.Lstat(t.path); {
	case t.closed:
		return fs.ErrClosed
	case err == nil && isAt(t.opened, t.path):
		return nil
	case err == nil:
		return &UnsafeError{t.path, "was exchanged"}
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	if err := os.Mkdir(t.path, 0o700); err != nil {
		return err
	}
	opened, err := openLocked(t.path)
	if err != nil {
		return err
	}
	_ = t.opened.Close()
	t.opened = opened
	return nil
}

// Close removes the folder with all that is in it.
func (t *Temporary) Close() (err error) {
	t.clearing.Wait()
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.closed {
		return nil
	}
	t.closed = true
	own := isAt(t.opened, t.path)
	err = t.opened.Close() // Windows removes no folder that is open
	if own {
		err = errors.Join(err, os.RemoveAll(t.path))
	}
	return err
}
