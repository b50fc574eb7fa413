package image

import (
	"bytes"
	"math/rand/v2"
	"testing"
)

const size = 2 << 20

func newImage(t testing.TB) (*Image, []byte) {
	t.Helper()
	content := make([]byte, size)
	for i := 0; i < size; i += 3000 {
		content[i] = byte(i)
	}
	i, err := New(content)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(i.Close)
	return i, content
}

func TestACopyIsTheImageUntilItIsWritten(t *testing.T) {
	i, content := newImage(t)
	one, two := newCopy(t, i), newCopy(t, i)
	one.Bytes[12345] = 0xff
	if !bytes.Equal(two.Bytes, content) || !bytes.Equal(i.Content(), content) {
		t.Error("a write to one copy shows in another, or in the image")
	}
	if one.Bytes[12345] != 0xff || i.Len() != size {
		t.Error("a write to a copy is lost")
	}
}

func newCopy(t testing.TB, i *Image) *Copy {
	t.Helper()
	c, err := i.Copy()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func TestWhatIsGivenMayChangeAfterwards(t *testing.T) {
	i, content := newImage(t)
	want := bytes.Clone(content)
	clear(content)
	if !bytes.Equal(newCopy(t, i).Bytes, want) {
		t.Error("the image changed")
	}
}

// Some pages are always changed, which a reset learns, and some at random.
func TestAResetPutsEverythingBack(t *testing.T) {
	i, content := newImage(t)
	c := newCopy(t, i)
	random := rand.New(rand.NewPCG(1, 2))
	for n := range 200 {
		for _, at := range []int{5, 70_000, 74_000, size - 1} {
			c.Bytes[at]++
		}
		for range random.IntN(40) {
			c.Bytes[random.IntN(size)] ^= 0x55
		}
		if err := c.Reset(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(c.Bytes, content) {
			t.Fatalf("after reset %d the copy is not the image", n)
		}
	}
}

func TestCloseIsHarmlessTwice(t *testing.T) {
	i, _ := newImage(t)
	c := newCopy(t, i)
	c.Close()
	c.Close()
}

// BenchmarkReset changes pages, puts them back, and changes them again: the
// faults of the next use are a part of the price.
func BenchmarkReset(b *testing.B) {
	for _, tt := range []struct {
		name  string
		pages int
	}{{"1 page", 1}, {"8 pages", 8}, {"32 pages", 32}} {
		b.Run(tt.name, func(b *testing.B) {
			i, _ := newImage(b)
			c := newCopy(b, i)
			for b.Loop() {
				for page := range tt.pages {
					c.Bytes[page*3*4096]++
				}
				if err := c.Reset(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
