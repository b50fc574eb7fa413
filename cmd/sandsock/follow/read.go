package follow

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"github.com/sandsock/sandsock/wasmhost/populate"
)

// ErrChanged is the error of [Read] for a file that is written meanwhile.
var ErrChanged = errors.New("was written while it was read")

// Read returns the content of a regular file, and what the file was. It waits
// for nobody: what has a reader's other end, such as a FIFO, is an error, as is
// a file of more than most bytes. Its errors do not name the file, unless they
// are the system's.
func Read(name string, most int64) ([]byte, fs.FileInfo, error) {
	file, err := open(name)
	if err != nil {
		info, err := orKind(name, err)
		return nil, info, err
	}
	defer file.Close()
	before, err := file.Stat()
	if err != nil {
		return nil, nil, err
	}
	if !before.Mode().IsRegular() {
		return nil, before, notPlugin(before)
	}
	if before.Size() > most {
		return nil, before, fmt.Errorf("is larger than %d MiB", most>>20)
	}
	size := int(before.Size()) + 1 // one byte more would be a change
	content := populate.Make(size, size)
	n, err := io.ReadFull(file, content)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, before, err
	}
	content = content[:n]
	after, err := file.Stat()
	if err != nil || !same(before, after) || int64(len(content)) != after.Size() {
		return nil, before, errors.Join(err, ErrChanged)
	}
	return content, after, nil
}

// orKind is an error of opening, in better words where what is there cannot be
// opened by anybody: a socket.
func orKind(name string, err error) (fs.FileInfo, error) {
	if info, statErr := os.Stat(name); statErr == nil && info.Mode()&fs.ModeSocket != 0 {
		return info, notPlugin(info)
	}
	return nil, err
}

func notPlugin(info fs.FileInfo) error {
	return errors.New("is " + kind(info.Mode()) + ", not a plugin file")
}

func kind(mode fs.FileMode) string {
	switch {
	case mode.IsDir():
		return "a directory"
	case mode&fs.ModeNamedPipe != 0:
		return "a FIFO"
	case mode&fs.ModeSocket != 0:
		return "a socket"
	case mode&fs.ModeDevice != 0:
		return "a device"
	}
	return "something else"
}

// same reports whether a file is what it was, as far as the system tells. Nil
// is a name at which there is nothing.
func same(a, b fs.FileInfo) bool {
	if a == nil || b == nil {
		return a == nil && b == nil
	}
	return os.SameFile(a, b) && a.Size() == b.Size() && a.ModTime().Equal(b.ModTime()) && a.Mode() == b.Mode()
}
