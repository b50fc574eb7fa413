package codecache

import (
	"bytes"
	"os"
	"strconv"

	"github.com/sandsock/sandsock/wasmhost/populate"
)

// mapping is a range of addresses of this process.
type mapping struct {
	from, to  uintptr
	anonymous bool // private memory, to be read and written, of no file
}

// mappings are those of the process (proc_pid_maps(5)); nil where the system
// does not tell.
func mappings() (all []mapping) {
	maps, _ := os.ReadFile("/proc/self/maps")
	for line := range bytes.Lines(maps) {
		fields := bytes.Fields(line)
		if len(fields) < 5 {
			continue
		}
		from, to, _ := bytes.Cut(fields[0], []byte("-"))
		m := mapping{anonymous: len(fields) == 5 && string(fields[1]) == "rw-p" && string(fields[4]) == "0"}
		m.from, m.to = address(from), address(to)
		all = append(all, m)
	}
	return all
}

func address(hex []byte) uintptr {
	n, _ := strconv.ParseUint(string(hex), 16, 64)
	return uintptr(n)
}

// populateNew makes the pages for the engine's native code at once. The engine
// has mapped memory for that and is about to read into it, one page fault after
// another: with a hypervisor below, these are most of the time it takes. Where
// the memory is, the engine does not say: it is what was not mapped before. If
// it is something else nothing changes but that it has its pages early, and
// where nothing is found nothing is lost.
func populateNew(before []mapping, length int64) (found mapping) {
	for _, m := range mappings() {
		if m.anonymous && int64(m.to-m.from) >= length && isNew(m.from, m.from+uintptr(length), before) {
			populate.Huge(m.from, uintptr(length))
			return mapping{from: m.from, to: m.from + uintptr(length)}
		}
	}
	return mapping{}
}

// touch readies as many bytes of the mapping as the next piece has for the one
// routine that digests all of it: none of its pages is to be a fault then.
func (m *mapping) touch(length int) {
	n := min(uintptr(length), m.to-m.from)
	if !populate.Touch(m.from, n) {
		*m = mapping{}
		return
	}
	m.from += n
}

func isNew(from, to uintptr, before []mapping) bool {
	for _, m := range before {
		if m.from < to && from < m.to {
			return false
		}
	}
	return len(before) > 0
}
