package follow

import (
	"hash/maphash"
	"io/fs"
	"os"
	"time"
)

const (
	// quiet is how long a file that is written in place stays as it is before
	// it is taken for whole.
	quiet = 100 * time.Millisecond
	// enough ends a wait: for a writer that has the file open and writes no
	// more, and for a file that is replaced all the time.
	enough = 2 * time.Second
)

// file is what is known of one. The zero value has not been looked at.
type file struct {
	name string

	taken   fs.FileInfo // when it was last read; nil for nothing
	seen    fs.FileInfo // when it was last looked at; nil for nothing
	looked  bool
	pending bool      // it changed, and was not read since
	calm    bool      // nothing had changed shortly before it did
	first   time.Time // when it changed at first, since it is pending
	changed time.Time // when it did at last

	toldOf fs.FileInfo // what was seen when something was told of it at last
	told   uint64      // a hash of that
}

// look takes note of what is at the file's name. Told says that an event names
// the file: it may have changed though it looks the same, to the second or so
// that file systems count in.
func (f *file) look(now time.Time, info fs.FileInfo, told bool) {
	if f.looked && same(f.seen, info) && !told {
		return
	}
	if !f.pending {
		f.calm = now.Sub(f.changed) >= quiet
		f.first = now
	} else {
		f.calm = false
	}
	f.seen, f.looked, f.pending, f.changed = info, true, true, now
}

// due returns when a pending file is to be read. A later change, or a writer
// that is still there then, puts it off.
//
// One that was renamed into place is whole, so it is due at once, but in a
// storm of them only when that is over. That it was renamed shows in its being
// another file than before, with nobody who writes it. Where nobody knows who
// does, one that was not written for a while counts as well.
func (f *file) due(now time.Time, writer, known bool) time.Time {
	if f.calm && f.replaced() && (known && !writer || !known && now.Sub(f.seen.ModTime()) >= quiet) {
		return now
	}
	at := f.changed.Add(quiet)
	switch {
	case writer && now.Before(f.changed.Add(enough)):
		return later(at, now.Add(quiet))
	case known && !writer && !now.Before(f.first.Add(enough)):
		return now
	}
	return at
}

// replaced reports whether there is another file than was taken, with
// something in it.
func (f *file) replaced() bool {
	return f.seen != nil && f.seen.Size() > 0 && (f.taken == nil || !os.SameFile(f.taken, f.seen))
}

// news reports whether there is something to tell: an event that comes late may
// name a file of which all has been told. What was saved anew is news, though it
// may say the same.
func (f *file) news(content []byte, err error) bool {
	if err != nil {
		content = []byte(err.Error())
	}
	told := maphash.Bytes(seed, content)
	if told == f.told && same(f.seen, f.toldOf) {
		return false
	}
	f.told, f.toldOf = told, f.seen
	return true
}

var seed = maphash.MakeSeed()

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
