package populate

import (
	"bytes"
	"fmt"
	"os"
	"runtime"
	"testing"

	"golang.org/x/sys/unix"
)

// present counts the pages of a range that are there (mincore(2)).
func present(t *testing.T, memory []byte) int {
	t.Helper()
	page := uintptr(os.Getpagesize())
	from := pageAt(Address(memory))
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

// TestPagesAreHugeWhereTheSystemHasSuch looks at what the kernel says of the
// memory (proc_pid_smaps(5)).
func TestPagesAreHugeWhereTheSystemHasSuch(t *testing.T) {
	enabled, _ := os.ReadFile("/sys/kernel/mm/transparent_hugepage/enabled")
	if len(enabled) == 0 || bytes.Contains(enabled, []byte("[never]")) || !populates(t) {
		t.Skip("the kernel has no transparent huge pages")
	}
	const huge = 2 << 20 // the least on any processor that has them
	memory, err := unix.Mmap(-1, 0, 64*huge, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(memory)
	size := uintptr(len(memory)) - 1 // a length need not be of pages
	Huge(Address(memory), size)
	if n, all := present(t, memory), len(memory)/os.Getpagesize(); n != all {
		t.Errorf("%d of %d pages are there", n, all)
	}
	if !bytes.Contains(flagsOf(t, Address(memory)), []byte(" hg")) {
		t.Error("they need not be huge")
	}
}

func TestWhatIsTouchedHasItsPagesAndWhatIsNotThereDoesNoHarm(t *testing.T) {
	const pages = 8
	page := os.Getpagesize()
	memory, err := unix.Mmap(-1, 0, pages*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Munmap(memory)
	if !Touch(Address(memory)+1, uintptr(3*page)) {
		t.Error("it is not there")
	}
	if n := present(t, memory); n != 4 { // of the last, one byte
		t.Errorf("%d pages are there", n)
	}
	if err := unix.Mprotect(memory[6*page:], unix.PROT_NONE); err != nil {
		t.Fatal(err)
	}
	if Touch(Address(memory), uintptr(len(memory))) {
		t.Error("what may not be read was")
	}
	if n := present(t, memory); n != 6 {
		t.Errorf("%d pages are there", n)
	}
}

// flagsOf is the line VmFlags of the mapping that an address is in.
func flagsOf(t *testing.T, address uintptr) []byte {
	t.Helper()
	maps, err := os.ReadFile("/proc/self/smaps")
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for line := range bytes.Lines(maps) {
		var from, to uintptr
		if n, _ := fmt.Sscanf(string(line), "%x-%x ", &from, &to); n == 2 {
			found = from <= address && address < to
		}
		if found && bytes.HasPrefix(line, []byte("VmFlags:")) {
			return line
		}
	}
	t.Fatal("the kernel does not tell")
	return nil
}

func TestLittleMemoryAndNoneIsMadeAsWell(t *testing.T) {
	for _, size := range []int{0, 1, 100, os.Getpagesize(), os.Getpagesize() + 1} {
		if memory := Make(size, size); len(memory) != size {
			t.Errorf("%d bytes are %d", size, len(memory))
		}
	}
	Range(0, 0)
	Huge(0, 0)
	Touch(0, 0)
}
