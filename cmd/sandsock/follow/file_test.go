package follow

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"testing"
	"time"
)

// at is a time of a test, in milliseconds since its begin.
func at(ms int) time.Time { return time.Unix(1000, 0).Add(time.Duration(ms) * time.Millisecond) }

func write(t *testing.T, name, content string) fs.FileInfo {
	t.Helper()
	if err := os.WriteFile(name, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
	return stat(name)
}

// put renames a new file into place.
func put(t *testing.T, name, content string) fs.FileInfo {
	t.Helper()
	write(t, name+".new", content)
	if err := os.Rename(name+".new", name); err != nil {
		t.Fatal(err)
	}
	return stat(name)
}

// taken is a file that was read, and its info.
func taken(t *testing.T) (*file, fs.FileInfo) {
	f := &file{name: filepath.Join(t.TempDir(), "h.wasm")}
	info := write(t, f.name, "first")
	f.look(at(0), info, false)
	f.taken, f.pending = info, false
	return f, info
}

func (f *file) wantDue(t *testing.T, now, want int, writer, known bool) {
	t.Helper()
	if got := f.due(at(now), writer, known); !got.Equal(at(want)) {
		t.Errorf("at %d ms it is due at %d ms, want %d", now, got.Sub(at(0)).Milliseconds(), want)
	}
}

func TestAFileThatIsTheSameIsNotRead(t *testing.T) {
	f, info := taken(t)
	f.look(at(500), info, false)
	if f.pending {
		t.Error("it is to be read")
	}
	f.look(at(600), info, true)
	if !f.pending {
		t.Error("an event is not believed")
	}
}

// TestWhatIsReadIsWhatWasLookedAt: what came between may be half a file.
func TestWhatIsReadIsWhatWasLookedAt(t *testing.T) {
	f, _ := taken(t)
	var read []string
	w := &watcher{Config: Config{Most: 100, Changed: func(c Change) bool {
		read = append(read, string(c.Content))
		return true
	}}}
	f.look(at(1000), put(t, f.name, "a whole one"), true)
	write(t, f.name, "half")
	if again := w.read(f); again.IsZero() || len(read) > 0 || !f.pending {
		t.Errorf("%q is read, and again at %v", read, again)
	}
	f.look(at(2000), write(t, f.name, "the whole of it"), false)
	if again := w.read(f); !again.IsZero() || len(read) != 1 || read[0] != "the whole of it" || f.pending {
		t.Errorf("then %q is read, and again at %v", read, again)
	}
}

// TestATooLargeFileIsNotRead only to see that it is.
func TestATooLargeFileIsNotRead(t *testing.T) {
	name := filepath.Join(t.TempDir(), "f")
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(os.WriteFile(name, nil, 0o600))
	must(os.Truncate(name, 1<<30)) // a hole
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	_, _, err := Read(name, 16<<20)
	runtime.ReadMemStats(&after)
	if took := after.TotalAlloc - before.TotalAlloc; err == nil || err.Error() != "is larger than 16 MiB" || took > 1<<20 {
		t.Errorf("the error is %v, and it took %d bytes", err, took)
	}
}

func TestAFileRenamedIntoPlaceIsDueAtOnce(t *testing.T) {
	f, _ := taken(t)
	f.look(at(1000), put(t, f.name, "other"), false)
	f.wantDue(t, 1000, 1000, false, true)
	f.wantDue(t, 1000, 1100, true, true) // somebody creates it and writes it there
}

func TestWithoutKnowingTheWriterTheAgeOfAFileDecides(t *testing.T) {
	f, _ := taken(t)
	put(t, f.name, "other")
	old := at(-10_000)
	if err := os.Chtimes(f.name, old, old); err != nil {
		t.Fatal(err)
	}
	f.look(at(1000), stat(f.name), false)
	f.wantDue(t, 1000, 1000, false, false)
	if err := os.Chtimes(f.name, at(990), at(990)); err != nil {
		t.Fatal(err)
	}
	f.seen = stat(f.name)
	f.wantDue(t, 1000, 1100, false, false)
}

func TestAFileWrittenInPlaceIsDueWhenItWasQuiet(t *testing.T) {
	f, info := taken(t)
	for ms := 1000; ms <= 1200; ms += 50 {
		f.look(at(ms), info, true)
	}
	f.wantDue(t, 1200, 1300, false, true)
	f.wantDue(t, 1300, 1400, true, true) // its writer pauses
	f.wantDue(t, 3199, 3299, true, true)
	f.wantDue(t, 3200, 1300, true, true) // but for ever
}

func TestAStormOfRenamesIsDueWhenItIsOver(t *testing.T) {
	f, _ := taken(t)
	for ms := 1000; ms < 1200; ms += 10 {
		f.look(at(ms), put(t, f.name, "other"), true)
	}
	f.wantDue(t, 1190, 1290, false, true)
	for ms := 1200; ms < 3000; ms += 10 {
		f.look(at(ms), f.seen, true)
	}
	f.wantDue(t, 2990, 3090, false, true)
	f.wantDue(t, 3000, 3000, false, true) // it goes on for too long
}

func TestNothingIsDueWhenItWasQuiet(t *testing.T) {
	f, _ := taken(t)
	f.look(at(1000), nil, true)
	f.wantDue(t, 1000, 1100, false, false)
	f.look(at(1050), put(t, f.name, "back"), true)
	f.wantDue(t, 1050, 1150, false, true)
}

func TestAnEmptyFileIsNotYetThere(t *testing.T) {
	f, _ := taken(t)
	f.look(at(1000), put(t, f.name, ""), true)
	f.wantDue(t, 1000, 1100, false, true)
}
