package image

import (
	"bytes"
	"testing"
)

func TestBothWaysToFindWrittenPages(t *testing.T) {
	i, content := newImage(t, 2<<20)
	scans := i.pages.scans
	for _, i.pages.scans = range []bool{false, scans} {
		c := newCopy(t, i)
		for _, at := range []int{0, 5000, len(content) - 1} {
			c.Bytes[at]++
		}
		if err := c.Reset(); err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(c.Bytes, content) {
			t.Errorf("scanning %v: not the image", i.pages.scans)
		}
	}
}
