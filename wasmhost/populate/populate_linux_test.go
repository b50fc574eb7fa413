package populate

import (
	"bytes"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// present counts the pages of a range that are there (mincore(2)).
func present(t *testing.T, memory []byte) int {
	t.Helper()
	page := uintptr(os.Getpagesize())
	from := (Address(memory) + page - 1) &^ (page - 1)
	size := (Address(memory) + uintptr(len(memory)) - from) &^ (page - 1)
	there := make([]byte, size/page)
	if _, _, errno := unix.Syscall(unix.SYS_MINCORE, from, size, Address(there)); errno != 0 {
		t.Fatal(errno)
	}
	runtime.KeepAlive(memory)
	return bytes.Count(there, []byte{1})
}

// populates reports whether the kernel has the call.
func populates(t *testing.T) bool {
	memory, err := unix.Mmap(-1, 0, os.Getpagesize(), unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(memory)
	return unix.Madvise(memory, unix.MADV_POPULATE_WRITE) == nil
}

func TestWhatIsMadeHasItsPagesAndTheRoomBeyondHasNot(t *testing.T) {
	if !populates(t) {
		t.Skip("the kernel is older than Linux 5.14")
	}
	const size, room = 8 << 20, 32 << 20 // more than was ever in use
	memory := Make(size, room)
	all := size/os.Getpagesize() - 1
	if n := present(t, memory); n < all {
		t.Errorf("%d of %d pages are there", n, all)
	}
	if n := present(t, memory[size:room]); n > all {
		t.Errorf("%d pages of the room are there", n)
	}
	if len(memory) != size || cap(memory) != room || len(bytes.Trim(memory, "\x00")) > 0 {
		t.Errorf("%d bytes of %d", len(memory), cap(memory))
	}
}

func TestLittleMemoryAndNoneIsMadeAsWell(t *testing.T) {
	for _, size := range []int{0, 1, 100, os.Getpagesize(), os.Getpagesize() + 1} {
		if memory := Make(size, size); len(memory) != size {
			t.Errorf("%d bytes are %d", size, len(memory))
		}
	}
	Range(0, 0)
}
