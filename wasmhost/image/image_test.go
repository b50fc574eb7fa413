package image

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"testing"
)

// sizes are of a small image, of the largest that is small, and of a large one.
var sizes = []int{64 << 10, 128 << 10, 2 << 20}

func eachSize(t *testing.T, do func(t *testing.T, i *Image, content []byte)) {
	for _, size := range sizes {
		t.Run(fmt.Sprint(size), func(t *testing.T) {
			i, content := newImage(t, size)
			do(t, i, content)
		})
	}
}

func newImage(t testing.TB, size int) (*Image, []byte) {
	t.Helper()
	content := make([]byte, size)
	for i := 0; i < size*3/4; i += 3000 {
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
	eachSize(t, func(t *testing.T, i *Image, content []byte) {
		one, two := newCopy(t, i), newCopy(t, i)
		one.Bytes[12345] = 0xff
		if !bytes.Equal(two.Bytes, content) || !bytes.Equal(i.Content(), content) {
			t.Error("a write to one copy shows in another, or in the image")
		}
		if one.Bytes[12345] != 0xff || i.Len() != len(content) || cap(one.Bytes) != len(content) || cap(two.Bytes) != len(content) {
			t.Error("a write to a copy is lost, or it reaches into another")
		}
	})
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

func TestACopyHasNothingOfOneThatWasClosed(t *testing.T) {
	eachSize(t, func(t *testing.T, i *Image, content []byte) {
		for range 3 {
			var copies []*Copy
			for range 5 {
				c := newCopy(t, i)
				if !bytes.Equal(c.Bytes, content) {
					t.Fatal("a new copy is not the image")
				}
				for at := range c.Bytes {
					c.Bytes[at] = 0x55
				}
				copies = append(copies, c)
			}
			for _, c := range copies {
				c.Close()
			}
		}
	})
}

func TestWhatIsGivenMayChangeAfterwards(t *testing.T) {
	eachSize(t, func(t *testing.T, i *Image, content []byte) {
		want := bytes.Clone(content)
		clear(content)
		if !bytes.Equal(newCopy(t, i).Bytes, want) {
			t.Error("the image changed")
		}
	})
}

// Some pages are always changed, and some at random.
func TestAResetPutsEverythingBack(t *testing.T) {
	eachSize(t, func(t *testing.T, i *Image, content []byte) {
		c, size := newCopy(t, i), len(content)
		random := rand.New(rand.NewPCG(1, 2))
		for n := range 200 {
			for _, at := range []int{5, 30_000, 34_000, size - 1} {
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
	})
}

func TestCloseIsHarmlessTwice(t *testing.T) {
	eachSize(t, func(t *testing.T, i *Image, _ []byte) {
		c := newCopy(t, i)
		c.Close()
		c.Close()
	})
}

func TestAnImageOfNothing(t *testing.T) {
	i, err := New(nil)
	if err != nil {
		t.Fatal(err)
	}
	c, err := i.Copy()
	if err != nil || len(c.Bytes) != 0 || c.Reset() != nil {
		t.Errorf("its copy has %d bytes, %v", len(c.Bytes), err)
	}
	c.Close()
	i.Close()
}

// BenchmarkReset changes pages, puts them back, and changes them again: the
// faults of the next use are a part of the price.
func BenchmarkReset(b *testing.B) {
	for _, tt := range []struct {
		name        string
		size, pages int
	}{{"1 page of 16", 64 << 10, 1}, {"1 page of 512", 2 << 20, 1}, {"8 pages of 512", 2 << 20, 8}, {"32 pages of 512", 2 << 20, 32}} {
		b.Run(tt.name, func(b *testing.B) {
			i, _ := newImage(b, tt.size)
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
