package image

import (
	"encoding/binary"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"
)

const pageSize = 4096

// pageMap tells which pages of a private mapping were written: by an ioctl
// where the kernel has it (PAGEMAP_SCAN, since Linux 6.7), else by the words it
// keeps of a process's pages (Documentation/admin-guide/mm/pagemap.rst).
type pageMap struct {
	file  *os.File
	fd    uintptr
	scans bool
	room  sync.Pool // *pageRoom
}

// pageRoom is room for what the kernel tells. It comes from the heap: the
// kernel gets its address as a number, and a stack may move.
type pageRoom struct {
	words   []byte // a word for each page
	regions regions
}

// openPageMap returns nil where pages are not of that size, or nobody may look.
func openPageMap(length int) *pageMap {
	if os.Getpagesize() != pageSize {
		return nil
	}
	file, err := os.Open("/proc/self/pagemap")
	if err != nil {
		return nil
	}
	m := &pageMap{file: file, fd: file.Fd()}
	m.room.New = func() any {
		return &pageRoom{words: make([]byte, 8*length/pageSize)}
	}
	room := m.room.Get().(*pageRoom)
	_, errno := m.scan(make([]byte, pageSize), &room.regions)
	m.scans = errno == 0
	return m
}

func (m *pageMap) close() {
	if m != nil {
		m.file.Close()
	}
}

// written calls do for each run of pages that were written, as long as it
// returns true, and reports whether it got to the end and knew.
func (m *pageMap) written(bytes []byte, do func(from, to int) bool) bool {
	if m == nil {
		return false
	}
	room := m.room.Get().(*pageRoom)
	defer m.room.Put(room)
	if m.scans {
		return m.writtenByScan(bytes, &room.regions, do)
	}
	return m.writtenByWords(bytes, room.words, do)
}

// region is a run of pages, by addresses: struct page_region of linux/fs.h.
type region struct{ start, end, _ uint64 }

// regions is room for as many runs as a reset copies, and one more.
type regions [maxCopied + 1]region

// scanArguments is struct pm_scan_arg.
type scanArguments struct {
	size, flags               uint64
	start, end, walkEnd       uint64
	regions, count, maxPages  uint64
	inverted, mask, any, give uint64
}

const (
	pagemapScan   = 0xc0606610 // _IOWR('f', 16, struct pm_scan_arg)
	pageIsFile    = 1 << 2
	pageIsPresent = 1 << 3
	pageIsSwapped = 1 << 4
)

// scan finds the pages that are no longer the file's.
func (m *pageMap) scan(bytes []byte, found *regions) (n int, errno unix.Errno) {
	start := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(bytes)))) &^ (pageSize - 1)
	arguments := scanArguments{
		size:  uint64(unsafe.Sizeof(scanArguments{})),
		start: start, end: start + uint64(len(bytes)),
		regions: uint64(uintptr(unsafe.Pointer(found))), count: uint64(len(found)),
		inverted: pageIsFile, mask: pageIsFile, any: pageIsPresent | pageIsSwapped, give: pageIsPresent,
	}
	r, _, errno := unix.Syscall(unix.SYS_IOCTL, m.fd, pagemapScan, uintptr(unsafe.Pointer(&arguments)))
	return int(r), errno
}

func (m *pageMap) writtenByScan(bytes []byte, found *regions, do func(from, to int) bool) bool {
	n, errno := m.scan(bytes, found)
	if errno != 0 || n == len(found) {
		return false
	}
	start := uint64(uintptr(unsafe.Pointer(unsafe.SliceData(bytes))))
	for _, r := range found[:n] {
		if !do(int(r.start-start), int(r.end-start)) {
			return false
		}
	}
	return true
}

// The bits of a word: the page is present or swapped out, and is still the
// file's.
const (
	presentOrSwapped = 3 << 62
	ofTheFile        = 1 << 61
)

func (m *pageMap) writtenByWords(bytes, words []byte, do func(from, to int) bool) bool {
	at := int64(uintptr(unsafe.Pointer(unsafe.SliceData(bytes)))) / pageSize * 8
	if n, err := m.file.ReadAt(words, at); err != nil || n != len(words) {
		return false
	}
	from := -1 // of the run at hand
	for page := 0; page <= len(words)/8; page++ {
		changed := false
		if page < len(words)/8 {
			word := binary.LittleEndian.Uint64(words[8*page:])
			changed = word&presentOrSwapped != 0 && word&ofTheFile == 0
		}
		switch {
		case changed && from < 0:
			from = page
		case !changed && from >= 0:
			if !do(from*pageSize, page*pageSize) {
				return false
			}
			from = -1
		}
	}
	return true
}
