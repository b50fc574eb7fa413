package follow

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = 30 * time.Second

// followed is a file that is followed, and what is told of it.
type followed struct {
	t       *testing.T
	name    string
	changes chan Change
}

// follow begins with a file that has the content "first".
func follow(t *testing.T, config Config) *followed {
	t.Helper()
	return followAs(t, config, itself)
}

func itself(do func()) { do() }

func followAs(t *testing.T, config Config, as func(do func())) *followed {
	t.Helper()
	f := &followed{t: t, name: filepath.Join(t.TempDir(), "h.wasm"), changes: make(chan Change, 100)}
	write(t, f.name, "first")
	letIn(t, f.name)
	ctx, cancel := context.WithCancel(context.Background())
	config.Files, config.Most = []string{f.name}, 1<<20
	if config.Changed == nil {
		config.Changed = func(c Change) bool {
			f.changes <- c
			return true
		}
	}
	config.Trouble = func(err error) { t.Errorf("trouble: %v", err) }
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		as(func() { Run(ctx, config) })
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
	})
	return f
}

func (f *followed) next() Change {
	f.t.Helper()
	select {
	case c := <-f.changes:
		return c
	case <-time.After(patience):
		f.t.Fatal("no change is told")
		return Change{}
	}
}

func (f *followed) wants(content string) {
	f.t.Helper()
	if c := f.next(); string(c.Content) != content || c.Err != nil || !c.Current() {
		f.t.Fatalf("the change is %q, %v; want %q", c.Content, c.Err, content)
	}
}

// eventually skips what is told until the content comes.
func (f *followed) eventually(content string) (before int) {
	f.t.Helper()
	for {
		if c := f.next(); string(c.Content) == content {
			return before
		}
		before++
	}
}

// fails wants an error that has these words.
func (f *followed) fails(words string) {
	f.t.Helper()
	if c := f.next(); c.Err == nil || !strings.Contains(c.Err.Error(), words) {
		f.t.Fatalf("the change is %q, %v; want %s", c.Content, c.Err, words)
	}
}

func (f *followed) must(err error) {
	f.t.Helper()
	if err != nil {
		f.t.Fatal(err)
	}
}

// An hour without looking: what is told came of events.
var onlyEvents = Config{Every: time.Hour}

func TestWhatIsSavedIsTold(t *testing.T) {
	for name, config := range map[string]Config{
		"by events":  onlyEvents,
		"by looking": {Every: 10 * time.Millisecond, withoutEvents: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := follow(t, config)
			f.wants("first")
			put(t, f.name, "renamed")
			f.eventually("renamed")
			write(t, f.name, "in place")
			f.eventually("in place")
			f.must(os.Remove(f.name))
			f.fails("no such file")
			write(t, f.name, "again")
			f.eventually("again")
		})
	}
}

// TestAPauseOfTheWriterIsNotTheEnd leaves the file as it is for longer than
// quiet, between any two of its parts.
func TestAPauseOfTheWriterIsNotTheEnd(t *testing.T) {
	f := follow(t, onlyEvents)
	f.wants("first")
	file, err := os.OpenFile(f.name, os.O_WRONLY|os.O_TRUNC, 0)
	f.must(err)
	defer file.Close()
	if _, known := beingWritten(f.name); !known {
		t.Skip("the system does not tell who writes a file")
	}
	for _, part := range []string{"one ", "two ", "three"} {
		_, err := file.WriteString(part)
		f.must(err)
		select {
		case c := <-f.changes:
			t.Fatalf("told of %q, and somebody writes it", c.Content)
		case <-time.After(3 * quiet): // the pause is what is tested
		}
	}
	f.must(file.Close())
	f.wants("one two three")
}

// TestAStormIsAChangeOrTwo tries again: a machine that stands still makes a
// pause in a storm, after which it is another.
func TestAStormIsAChangeOrTwo(t *testing.T) {
	f := follow(t, onlyEvents)
	f.wants("first")
	var before []int
	for range 3 {
		for range 99 {
			put(t, f.name, "storm")
		}
		last := fmt.Sprintf("last of storm %d", len(before))
		put(t, f.name, last)
		n := f.eventually(last)
		if n <= 1 {
			return
		}
		before = append(before, n)
	}
	t.Errorf("%d changes are told before the last", before)
}

// TestWhatChangesMeanwhileIsOneChange saves ten times while the first change is
// worked on.
func TestWhatChangesMeanwhileIsOneChange(t *testing.T) {
	begun, goOn := make(chan struct{}, 100), make(chan struct{})
	var told []string
	var f *followed
	done := make(chan struct{})
	f = follow(t, Config{Every: time.Hour, Changed: func(c Change) bool {
		begun <- struct{}{}
		<-goOn
		if told = append(told, string(c.Content)); string(c.Content) == "save 9" {
			close(done)
		} else if c.Current() {
			t.Errorf("%q is current", c.Content)
		}
		return true
	}})
	<-begun
	for i := range 10 {
		put(t, f.name, "save "+string(rune('0'+i)))
	}
	close(goOn)
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatal("the last is not told")
	}
	if len(told) != 2 {
		t.Errorf("told of %q", told)
	}
}

// TestWhatIsNoFileIsToldOnce: and what comes after heals it.
func TestWhatIsNoFileIsToldOnce(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs mkfifo, links and modes as unix has them")
	}
	tests := []struct {
		name, words string
		make        func(f *followed) error
	}{
		{"a directory", "is a directory, not a plugin file", func(f *followed) error { return os.Mkdir(f.name, 0o777) }},
		{"a FIFO", "is a FIFO, not a plugin file", func(f *followed) error { return mkfifo(f.name) }},
		{"a link in a circle", "too many levels of symbolic links", func(f *followed) error { return os.Symlink(filepath.Base(f.name), f.name) }},
		{"a link to nothing", "no such file", func(f *followed) error { return os.Symlink("nowhere", f.name) }},
		{"unreadable", "permission denied", func(f *followed) error { return os.WriteFile(f.name, []byte("x"), 0) }},
		{"large", "is larger than 1 MiB", func(f *followed) error { return os.WriteFile(f.name, make([]byte, 1<<20+1), 0o666) }},
		{"a socket", "is a socket, not a plugin file", listenAt},
		{"a device", "is a device, not a plugin file", func(f *followed) error { return os.Symlink(os.DevNull, f.name) }},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			as := itself
			if tt.name == "unreadable" {
				as = unprivileged(t)
			}
			f := followAs(t, Config{Every: 10 * time.Millisecond}, as)
			f.wants("first")
			f.must(os.Remove(f.name))
			f.must(tt.make(f))
			c := f.next()
			if c.Err != nil && strings.Contains(c.Err.Error(), "no such file") && tt.words != "no such file" {
				c = f.next() // it was looked at between
			}
			if c.Err == nil || !strings.Contains(c.Err.Error(), tt.words) {
				t.Fatalf("the change is %q, %v; want %s", c.Content, c.Err, tt.words)
			}
			select {
			case c := <-f.changes:
				t.Errorf("and again: %q, %v", c.Content, c.Err)
			case <-time.After(3 * quiet):
			}
			f.must(os.Remove(f.name))
			put(t, f.name, "healed")
			f.eventually("healed")
		})
	}
}

// TestAnEventThatComesLateIsNoNews: what was told is told again only where it was
// saved again, or was not taken.
func TestAnEventThatComesLateIsNoNews(t *testing.T) {
	name := filepath.Join(t.TempDir(), "plugin.wasm")
	tests := []struct {
		name string
		save func() error
	}{
		{"content", func() error { return os.WriteFile(name, []byte("content"), 0o666) }},
		{"an error", func() error { return os.WriteFile(name, make([]byte, 2000), 0o666) }},
		{"nothing", func() error { return os.RemoveAll(name) }},
	}
	told, taken := 0, true
	changed := func(Change) bool {
		told++
		return taken
	}
	w := &watcher{
		Config: Config{Most: 1000, Every: time.Hour, Changed: changed},
		files:  []*file{{name: name}}, told: map[string]bool{},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			event := func() {
				w.told[name] = true
				for next := w.look(t.Context()); w.files[0].pending; next = w.look(t.Context()) {
					w.wait(t.Context(), next)
				}
			}
			told = 0
			if err := tt.save(); err != nil {
				t.Fatal(err)
			}
			for range 3 {
				event()
			}
			if told != 1 {
				t.Errorf("it is told %d times", told)
			}
			if tt.name == "nothing" {
				return
			}
			if err := errors.Join(tt.save(), os.Chtimes(name, time.Time{}, time.Unix(1e9, 0))); err != nil {
				t.Fatal(err)
			}
			taken = false
			event()
			taken = true
			event()
			if event(); told != 3 {
				t.Errorf("it was saved again and not taken at first, and is told %d times in all", told)
			}
		})
	}
}

func TestAFolderThatComesBackIsFollowed(t *testing.T) {
	f := follow(t, Config{Every: 10 * time.Millisecond})
	f.wants("first")
	folder := filepath.Dir(f.name)
	f.must(os.Rename(folder, folder+".away"))
	f.fails("no such file")
	f.must(os.Mkdir(folder, 0o777))
	put(t, f.name, "back")
	f.eventually("back")
}

// A link to a folder that is replaced, as deployments do it: no event names the
// file.
func TestALinkThatIsTurnedIsAChange(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("needs links as unix has them")
	}
	f := follow(t, Config{Every: 10 * time.Millisecond})
	f.wants("first")
	folder := filepath.Dir(f.name)
	for _, version := range []string{"a", "b"} {
		f.must(os.Mkdir(filepath.Join(folder, version), 0o777))
		write(t, filepath.Join(folder, version, "h.wasm"), "version "+version)
	}
	turn := func(version string) {
		f.must(os.Symlink(version, filepath.Join(folder, "next")))
		f.must(os.Rename(filepath.Join(folder, "next"), filepath.Join(folder, "now")))
	}
	turn("a")
	f.must(os.Remove(f.name))
	f.must(os.Symlink("now/h.wasm", f.name))
	f.eventually("version a")
	turn("b")
	f.eventually("version b")
}

// listenAt leaves a socket there.
func listenAt(f *followed) error {
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: f.name, Net: "unix"})
	if err != nil {
		return err
	}
	l.SetUnlinkOnClose(false)
	return l.Close()
}
