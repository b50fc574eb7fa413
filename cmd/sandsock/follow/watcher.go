package follow

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// Config is what [Run] follows. Changed is required.
type Config struct {
	// Files are the names of the files.
	Files []string

	// Most is how large a file may be, in bytes.
	Most int64

	// Every is how often it looks without an event. A second.
	Every time.Duration

	// Changed is told of each change, and at first of every file as it is. It
	// is called from one goroutine: what changes meanwhile waits, and is one
	// change. It reports whether it has taken what it was told of; if not it is
	// told again at the next event, even of a file that is as it was.
	Changed func(Change) (taken bool)

	// Trouble is told why there are no events, once. Nil for nobody.
	Trouble func(error)

	// withoutEvents is for tests.
	withoutEvents bool
}

// Change is a file that was saved, or can no longer be read.
type Change struct {
	Name    string
	Content []byte
	Err     error // why there is no content

	read fs.FileInfo // nil for nothing
}

// Current reports whether the file is still what was read.
func (c Change) Current() bool { return same(c.read, stat(c.Name)) }

// watcher is one [Run].
type watcher struct {
	Config
	files  []*file
	events *fsnotify.Watcher // nil where there are none
	told   map[string]bool   // by events: paths of files that may have changed
	lost   bool              // events were lost
}

// Run follows the files until the context ends.
func Run(ctx context.Context, config Config) {
	w := &watcher{Config: config, told: map[string]bool{}}
	if w.Every == 0 {
		w.Every = time.Second
	}
	for _, name := range w.Files {
		w.files = append(w.files, &file{name: name})
	}
	w.open()
	defer w.close()
	for ctx.Err() == nil {
		w.follow()
		w.wait(ctx, w.look(ctx))
	}
}

// open asks for events. Without them it goes on by looking.
func (w *watcher) open() {
	if w.withoutEvents {
		return
	}
	events, err := fsnotify.NewWatcher()
	if err != nil {
		w.trouble(err)
		return
	}
	w.events = events
}

func (w *watcher) close() {
	if w.events != nil {
		_ = w.events.Close()
	}
}

func (w *watcher) trouble(err error) {
	if w.Trouble != nil {
		w.Trouble(err)
		w.Trouble = nil
	}
}

// follow asks for the events of the folders, again where one has come back. A
// folder that is not there is no trouble.
func (w *watcher) follow() {
	if w.events == nil {
		return
	}
	for _, f := range w.files {
		err := w.events.Add(filepath.Dir(f.name))
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			w.trouble(err)
		}
	}
}

// look looks at every file, and reads those that are due. It returns when to
// look again.
func (w *watcher) look(ctx context.Context) time.Time {
	next := time.Now().Add(w.Every)
	for _, f := range w.files {
		f.look(time.Now(), stat(f.name), w.lost || w.told[filepath.Clean(f.name)])
	}
	clear(w.told)
	w.lost = false
	for _, f := range w.files {
		if !f.pending || ctx.Err() != nil {
			continue
		}
		writer, known := beingWritten(f.name)
		if due := f.due(time.Now(), writer, known); due.After(time.Now()) {
			next = earlier(next, due)
			continue
		}
		if again := w.read(f); !again.IsZero() {
			next = earlier(next, again)
		}
	}
	return next
}

// read reads a file and tells of it; or it returns when to look again, where
// the file is written just now, or is another than was looked at: of that
// nobody knows who writes it.
func (w *watcher) read(f *file) time.Time {
	content, info, err := Read(f.name, w.Most)
	if errors.Is(err, ErrChanged) || err == nil && !same(f.seen, info) {
		f.changed = time.Now()
		return f.changed.Add(quiet)
	}
	f.pending, f.taken = false, info
	if err == nil {
		f.seen = info
	}
	if f.news(content, err) && !w.Changed(Change{Name: f.name, Content: content, Err: err, read: info}) {
		f.told, f.toldOf = 0, nil
	}
	return time.Time{}
}

// wait waits for an event, or until a time.
func (w *watcher) wait(ctx context.Context, until time.Time) {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	var events chan fsnotify.Event
	var errs chan error
	if w.events != nil {
		events, errs = w.events.Events, w.events.Errors
	}
	select {
	case e := <-events:
		w.note(e)
		w.drain(events)
	case <-errs: // such as an overflow
		w.lost = true
	case <-timer.C:
	case <-ctx.Done():
	}
}

// drain takes the events that wait already, so that a storm is one look.
func (w *watcher) drain(events chan fsnotify.Event) {
	for {
		select {
		case e := <-events:
			w.note(e)
		default:
			return
		}
	}
}

// note remembers which file an event names. One that only changes the mode
// shows in the file itself.
func (w *watcher) note(e fsnotify.Event) {
	if e.Op != fsnotify.Chmod {
		w.told[filepath.Clean(e.Name)] = true
	}
}

// stat returns what is at a name, nil for nothing that can be reached.
func stat(name string) os.FileInfo {
	info, err := os.Stat(name)
	if err != nil {
		return nil
	}
	return info
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
