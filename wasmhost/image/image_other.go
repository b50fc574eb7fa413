//go:build !linux

package image

import "bytes"

const pageSize = 4096

type system struct{}

func (i *Image) open() error {
	i.content = bytes.Clone(i.content)
	return nil
}

// Copy copies the image.
func (i *Image) Copy() (*Copy, error) {
	return &Copy{Bytes: bytes.Clone(i.content), image: i}, nil
}

// Close gives the memory back.
func (c *Copy) Close() { c.Bytes = nil }

// Close gives the image back.
func (i *Image) Close() { i.content = nil }

// Reset puts the image's contents back.
func (c *Copy) Reset() error {
	copy(c.Bytes, c.image.content)
	return nil
}

// Private is false: a copy has all of its memory for itself.
func Private() (int64, bool) { return 0, false }

// Written is all of the copy.
func (c *Copy) Written() int { return len(c.Bytes) }
