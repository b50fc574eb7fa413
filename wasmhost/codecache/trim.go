package codecache

import (
	"cmp"
	"io/fs"
	"slices"
	"strings"
	"time"
)

// What is kept at most: the files last used, so many bytes of them, none for
// longer than a month. A part that was not finished within an hour never will
// be.
const (
	mostBytes = 512 << 20
	mostAge   = 30 * 24 * time.Hour
	mostPart  = time.Hour
)

// trim drops what is too much. It touches no file that is not the cache's, and
// has no error: another host may be doing the same.
func (c *Cache) trim(now time.Time) {
	var entries []fs.FileInfo
	for _, info := range c.list() {
		age := now.Sub(info.ModTime())
		switch digits, ok := strings.CutSuffix(info.Name(), entrySuffix); {
		case ok && isHex(digits) && age <= mostAge:
			entries = append(entries, info)
		case ok && isHex(digits), strings.HasSuffix(info.Name(), temporarySuffix) && age > mostPart:
			_ = c.kept.Remove(info.Name())
		}
	}
	slices.SortFunc(entries, func(a, b fs.FileInfo) int {
		return cmp.Or(b.ModTime().Compare(a.ModTime()), strings.Compare(a.Name(), b.Name()))
	})
	var bytes int64
	for _, info := range entries {
		if bytes += info.Size(); bytes > mostBytes {
			_ = c.kept.Remove(info.Name())
		}
	}
}

func (c *Cache) list() (infos []fs.FileInfo) {
	dir, err := c.kept.Open(".")
	if err != nil {
		return nil
	}
	defer dir.Close()
	infos, _ = dir.Readdir(-1)
	return slices.DeleteFunc(infos, func(info fs.FileInfo) bool { return !info.Mode().IsRegular() })
}
