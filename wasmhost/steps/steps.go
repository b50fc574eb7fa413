// Package steps does what takes long with much memory in steps. To copy and to
// digest are routines in assembly, within which the Go runtime stops no goroutine
// (runtime/preempt.go): whoever collects garbage waits for one to return, and
// everybody else waits for the collection. It is longest where the memory is
// new, since each of its pages is a fault. Between two steps a goroutine can be
// stopped.
package steps

import (
	"crypto/sha256"
	"slices"
)

// step is how many bytes are done in one go: with page faults of 23 us, the most
// that were seen, less than two milliseconds.
const step = 256 << 10

// Copy is the built-in function copy for bytes.
func Copy(to, from []byte) int {
	n := min(len(to), len(from))
	for at := 0; at < n; at += step {
		copy(to[at:min(at+step, n)], from[at:])
	}
	return n
}

// Append is the built-in function append for bytes. What has to be made longer
// is copied in steps too.
func Append(to, from []byte) []byte {
	to = Grow(to, len(from))
	for piece := range slices.Chunk(from, step) {
		to = append(to, piece...)
	}
	return to
}

// Grow is [slices.Grow] for bytes.
func Grow(p []byte, n int) []byte {
	if n <= cap(p)-len(p) {
		return p
	}
	// As much more as append makes of what is large: a quarter.
	larger := make([]byte, len(p), max(len(p)+n, len(p)+len(p)/4))
	Copy(larger, p)
	return larger
}

// Sum256 is [sha256.Sum256] of parts together.
func Sum256(parts ...[]byte) (sum [sha256.Size]byte) {
	digest := sha256.New()
	for _, part := range parts {
		for piece := range slices.Chunk(part, step) {
			_, _ = digest.Write(piece)
		}
	}
	return [sha256.Size]byte(digest.Sum(nil))
}
