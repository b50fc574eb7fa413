package steps

import (
	"bytes"
	"crypto/sha256"
	"math/rand/v2"
	"testing"
)

// lengths are none, little, and what a step begins or ends with.
var lengths = []int{0, 1, 100, step - 1, step, step + 1, 3*step + 7}

func random(t *testing.T, length int) []byte {
	t.Helper()
	p := make([]byte, length)
	source := rand.NewChaCha8([32]byte{byte(length)})
	if _, err := source.Read(p); err != nil {
		t.Fatal(err)
	}
	return p
}

func TestACopyIsAsMuchAsThereIsOfBoth(t *testing.T) {
	for _, room := range lengths {
		for _, length := range lengths {
			got, want, from := make([]byte, room), make([]byte, room), random(t, length)
			if n := Copy(got, from); n != copy(want, from) || !bytes.Equal(got, want) {
				t.Errorf("%d bytes into %d: %d are copied", length, room, n)
			}
		}
	}
}

func TestWhatIsAppendedFollows(t *testing.T) {
	for _, room := range lengths {
		for _, length := range lengths {
			before, from := random(t, length), random(t, length+1)
			got := Append(append(make([]byte, 0, max(room, length)), before...), from)
			if want := append(bytes.Clone(before), from...); !bytes.Equal(got, want) {
				t.Errorf("%d bytes after %d with room for %d are %d", len(from), len(before), room, len(got))
			}
		}
	}
}

// TestWhatGrowsByLittleIsSeldomCopied: or to write much would take for ever.
func TestWhatGrowsByLittleIsSeldomCopied(t *testing.T) {
	var p []byte
	moved := 0
	for range 1_000_000 {
		if cap(p) == len(p) {
			moved++
		}
		p = append(Grow(p, 1), 1)
	}
	if moved > 100 || len(p) != 1_000_000 {
		t.Errorf("%d bytes were moved %d times", len(p), moved)
	}
}

func TestASumIsOfAllPartsTogether(t *testing.T) {
	for _, length := range lengths {
		p := random(t, length)
		if Sum256(p[:length/3], nil, p[length/3:]) != sha256.Sum256(p) {
			t.Errorf("of %d bytes it is another", length)
		}
	}
}
