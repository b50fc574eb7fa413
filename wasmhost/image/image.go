// Package image keeps the contents of a memory and makes copies of it that can
// be put back: a sandbox for each connection costs what the connection
// changes, and not what the plugin has.
//
// On Linux a copy is a private mapping of the image, whose pages are the
// image's own until they are written, or where it is small a part of a mapping
// that many share. Elsewhere it is a copy.
//
// It makes system calls, as packages populate and codecache do, so that package
// wasmhost need not; it never runs guest code.
package image

// Image is the contents of a memory. It may be used from any number of
// goroutines. Close it when no copy is left.
type Image struct {
	content []byte
	system  // what the operating system has of it
}

// Copy is a memory that begins with the image's contents. It belongs to one
// goroutine at a time.
type Copy struct {
	// Bytes is the memory, as long as the image. It must not be used after
	// Close.
	Bytes []byte
	image *Image
}

// New returns an image of a memory as it is now, whose length is a multiple of
// 64 KiB. What is given may change afterwards.
func New(content []byte) (*Image, error) {
	i := &Image{content: content}
	if err := i.open(); err != nil {
		return nil, err
	}
	return i, nil
}

// Len is the length of the memory in bytes.
func (i *Image) Len() int { return len(i.content) }

// Content is what a copy begins with. It must not be changed.
func (i *Image) Content() []byte { return i.content }
