package image

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// system is a sealed memory file, of which content is a mapping; or what small
// images have instead.
type system struct {
	fd    int
	pages *pageMap // nil where the system does not tell
	small *small   // nil for an image that is not
}

func (i *Image) open() (err error) {
	if len(i.content) <= maxSmall {
		i.small, i.content, err = newSmall(i.content)
		return err
	}
	return i.openFile()
}

// openFile copies the contents into a file of memory that nobody can change any
// more (memfd_create(2), fcntl(2) "File Sealing").
func (i *Image) openFile() error {
	fd, err := unix.MemfdCreate("sandsock image", unix.MFD_CLOEXEC|unix.MFD_ALLOW_SEALING)
	if err != nil {
		return fmt.Errorf("an image of %d bytes: %w", len(i.content), err)
	}
	if err := fill(fd, i.content); err != nil {
		unix.Close(fd)
		return fmt.Errorf("an image of %d bytes: %w", len(i.content), err)
	}
	content, err := unix.Mmap(fd, 0, len(i.content), unix.PROT_READ, unix.MAP_SHARED)
	if err != nil {
		unix.Close(fd)
		return fmt.Errorf("an image of %d bytes: %w", len(i.content), err)
	}
	i.content, i.fd, i.pages = content, fd, openPageMap(len(content))
	return nil
}

// fill writes what is not zero: the rest takes no room in the file.
func fill(fd int, content []byte) error {
	if err := unix.Ftruncate(fd, int64(len(content))); err != nil {
		return err
	}
	for at := 0; at < len(content); {
		used := usedPages(content[at:])
		if used == 0 {
			at += pageSize
			continue
		}
		n, err := unix.Pwrite(fd, content[at:at+used], int64(at))
		if err != nil || n != used {
			return fmt.Errorf("written %d of %d bytes: %w", n, used, err)
		}
		at += used
	}
	_, err := unix.FcntlInt(uintptr(fd), unix.F_ADD_SEALS,
		unix.F_SEAL_SEAL|unix.F_SEAL_SHRINK|unix.F_SEAL_GROW|unix.F_SEAL_WRITE)
	return err
}

// mostWritten bounds one call, in bytes: a collection of garbage may have to wait
// for it. See ../RATIONALE.md.
const mostWritten = 1 << 20

// usedPages is how many bytes the pages at the beginning have that are not zero.
func usedPages(content []byte) (n int) {
	for n < min(len(content), mostWritten) && !isZero(content[n:n+pageSize]) {
		n += pageSize
	}
	return n
}

func isZero(page []byte) bool {
	for _, b := range page {
		if b != 0 {
			return false
		}
	}
	return true
}

// Copy maps the image privately (mmap(2), MAP_PRIVATE), or copies it where it
// is small.
func (i *Image) Copy() (*Copy, error) {
	if i.small != nil {
		memory, err := i.small.take(i.content)
		if err != nil {
			return nil, err
		}
		return &Copy{Bytes: memory, image: i}, nil
	}
	bytes, err := unix.Mmap(i.fd, 0, len(i.content), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_NORESERVE)
	if err != nil {
		return nil, fmt.Errorf("a copy of %d bytes: %w", len(i.content), err)
	}
	return &Copy{Bytes: bytes, image: i}, nil
}

// Close gives the memory back.
func (c *Copy) Close() {
	switch {
	case c.Bytes == nil:
	case c.image.small != nil:
		c.image.small.give(c.Bytes)
	default:
		unix.Munmap(c.Bytes)
	}
	c.Bytes = nil
}

// Close gives the image back. Copies that are still mapped keep it in memory.
func (i *Image) Close() {
	unix.Munmap(i.content)
	i.content = nil
	if i.small != nil {
		i.small.close()
		return
	}
	unix.Close(i.fd)
	i.pages.close()
}

// maxCopied is how many pages are copied back. A copy that has changed more
// gives them all back to the system, or it would keep them for good.
const maxCopied = 64

// Reset puts the image's contents back. The pages that were written are copied
// from the image and stay where they are: giving them back costs a call and
// the faults of the next use, and stops every other processor for a moment,
// since their translations must go (munmap(2) and madvise(2) share that).
func (c *Copy) Reset() error {
	i := c.image
	if i.small != nil {
		restore(c.Bytes, i.content, i.small.used)
		return nil
	}
	copied := 0
	known := i.pages.written(c.Bytes, func(from, to int) bool {
		copied += (to - from) / pageSize
		if copied > maxCopied {
			return false
		}
		copy(c.Bytes[from:to], i.content[from:to])
		return true
	})
	if known {
		return nil
	}
	return unix.Madvise(c.Bytes, unix.MADV_DONTNEED)
}
