package image

import (
	"bytes"
	"fmt"
	"sync"

	"golang.org/x/sys/unix"
)

// A small memory is one of many in a mapping: a mapping each would cost two
// system calls, and a process has no more than 65,530 of them (vm.max_map_count
// of proc_sys_vm(5)). Such a memory is put back without any system call, too:
// to compare all of it with the image takes no longer than to ask which pages
// were written.

// maxSmall is where asking becomes cheaper.
const maxSmall = 128 << 10

// slab is how many bytes of memories are mapped at once.
const slab = 4 << 20

// small is what there is of an image whose copies are small.
type small struct {
	used []int // the places of its pages that are not zero

	mu     sync.Mutex
	slabs  [][]byte
	free   [][]byte // all zero
	lent   int
	closed bool
}

// newSmall returns the memory's content where nobody can write to it any more.
func newSmall(content []byte) (*small, []byte, error) {
	if len(content) == 0 { // which cannot be mapped
		return &small{}, nil, nil
	}
	sealed, err := mapZero(len(content))
	if err != nil {
		return nil, nil, err
	}
	copy(sealed, content)
	if err := unix.Mprotect(sealed, unix.PROT_READ); err != nil {
		unix.Munmap(sealed)
		return nil, nil, err
	}
	s := &small{}
	for at := 0; at < len(content); at += pageSize {
		if !isZero(content[at : at+pageSize]) {
			s.used = append(s.used, at)
		}
	}
	return s, sealed, nil
}

func mapZero(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
}

// take returns a memory with the image's content.
func (s *small) take(content []byte) ([]byte, error) {
	if len(content) == 0 {
		return nil, nil
	}
	memory, err := s.takeZero(len(content))
	if err != nil {
		return nil, fmt.Errorf("a copy of %d bytes: %w", len(content), err)
	}
	for _, at := range s.used {
		copy(memory[at:at+pageSize], content[at:])
	}
	return memory, nil
}

func (s *small) takeZero(size int) ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.free) == 0 {
		if err := s.grow(size); err != nil {
			return nil, err
		}
	}
	last := len(s.free) - 1
	memory := s.free[last]
	s.free = s.free[:last]
	s.lent++
	return memory, nil
}

// grow maps another slab. A huge page would be resident for one memory's first
// byte. The lock is held.
func (s *small) grow(size int) error {
	memory, err := mapZero(slab)
	if err != nil {
		return err
	}
	_ = unix.Madvise(memory, unix.MADV_NOHUGEPAGE) // a kernel without them says no
	s.slabs = append(s.slabs, memory)
	for ; len(memory) >= size; memory = memory[size:] {
		s.free = append(s.free, memory[:size:size])
	}
	return nil
}

// give takes a memory back: to the system, so that it is zero at its next use.
func (s *small) give(memory []byte) {
	if unix.Madvise(memory, unix.MADV_DONTNEED) != nil {
		clear(memory)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.free = append(s.free, memory)
	s.lent--
	s.unmap()
}

func (s *small) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	s.unmap()
}

// unmap unmaps the slabs once the image is closed and nobody has a memory of
// them. The lock is held.
func (s *small) unmap() {
	if !s.closed || s.lent > 0 {
		return
	}
	for _, memory := range s.slabs {
		unix.Munmap(memory)
	}
	s.slabs, s.free = nil, nil
}

// zeros is a page of them: most pages of most images are, and one that nobody
// has written is the kernel's one page of zeros.
var zeros [pageSize]byte

// restore copies what differs. Used are the places of the content that is not
// zero, in order.
func restore(memory, content []byte, used []int) {
	for at := 0; at < len(memory); at += pageSize {
		page := zeros[:]
		if len(used) > 0 && used[0] == at {
			page, used = content[at:at+pageSize], used[1:]
		}
		if !bytes.Equal(memory[at:at+pageSize], page) {
			copy(memory[at:], page)
		}
	}
}
