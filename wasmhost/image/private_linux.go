package image

import (
	"bytes"
	"os"
	"strconv"
)

// Private is how many bytes of memory the process has for itself: what of its
// copies was written, and all of its heap, but nothing of the images (proc(5),
// RssAnon of status). It is false where the system does not tell.
func Private() (int64, bool) {
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0, false
	}
	_, after, found := bytes.Cut(status, []byte("\nRssAnon:"))
	field, _, _ := bytes.Cut(bytes.TrimLeft(after, " \t"), []byte(" "))
	kib, err := strconv.ParseInt(string(field), 10, 64)
	return kib << 10, found && err == nil
}

// Written is how many bytes of the copy are its own, in whole pages: all, where
// the system does not tell. It may be called while the copy is in use, from any
// goroutine, but not once it is closed.
func (c *Copy) Written() (n int) {
	pages := c.image.pages
	if c.image.small != nil || pages == nil {
		return len(c.Bytes)
	}
	room := pages.room.Get().(*pageRoom)
	defer pages.room.Put(room)
	known := pages.writtenByWords(c.Bytes, room.words, func(from, to int) bool {
		n += to - from
		return true
	})
	if !known {
		return len(c.Bytes)
	}
	return n
}
