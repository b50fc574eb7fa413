package codecache

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/sandsock/sandsock/wasmhost/steps"
)

// Key is what an entry is kept under: a digest of all that its code depends on.
type Key [sha256.Size]byte

// file is the name of the key's entry.
func (k Key) file() string { return hex.EncodeToString(k[:]) + entrySuffix }

const entrySuffix = ".code"

// Entry is what is kept of a plugin beside its native code.
type Entry struct {
	Name   string // by which the engine finds the code: see Take
	Facts  []byte // what the host has to know of the file
	Module []byte // what the engine is to be given
}

// The file of an entry is
//
//	magic   16 bytes
//	key     32
//	sizes   four times 8, big-endian: of the parts that follow
//	seals   32 each: the SHA-256 of the parts that are not native code,
//	        together, and of each piece of the native code
//	seal    32: the SHA-256 of all before
//	parts   name, facts, module, native code
//
// and nothing after. So each piece can be checked before anybody has it, and
// nothing that follows need be there yet.
const (
	magic      = "sandsock code 2\n"
	headLength = len(magic) + sha256.Size + 4*8
)

// pieceLength is how much native code is under one seal, in bytes; the last
// piece may have less.
const pieceLength = 256 << 10

// mostOfAPart bounds what is taken into memory of a file that may be damaged,
// in bytes: above the largest plugin, and what its code may be.
const mostOfAPart = 1 << 30

var errDamaged = errors.New("damaged")

// Put keeps an entry with the native code that [Cache.Take] has taken, and
// drops what is too old or too much. Nobody sees half an entry. The error says
// why it cannot be kept.
func (c *Cache) Put(key Key, e Entry) error {
	if c.kept == nil {
		return nil
	}
	if err := c.put(key, e); err != nil {
		return fmt.Errorf("%s: %w", c.kept.Name(), Cause(err))
	}
	c.trim(time.Now())
	return nil
}

// Cause leaves out the call and the path that Go puts before an error of the
// system's, and what was put before those.
func Cause(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

func (c *Cache) put(key Key, e Entry) error {
	code, err := os.Open(c.native)
	if err != nil {
		return err
	}
	defer code.Close()
	temporary, file, err := c.temporary(key)
	if err != nil {
		return err
	}
	err = e.write(file, key, code)
	err = errors.Join(err, file.Close())
	if err == nil {
		err = c.kept.Rename(temporary, key.file())
	}
	if err != nil {
		_ = c.kept.Remove(temporary)
	}
	return err
}

func (c *Cache) temporary(key Key) (name string, file *os.File, err error) {
	name = fmt.Sprintf("%s.%d-%d%s", key.file()[:16], os.Getpid(), time.Now().UnixNano(), temporarySuffix)
	file, err = c.kept.OpenFile(name, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	return name, file, err
}

const temporarySuffix = ".part"

// write does not sync: an entry that a power cut has torn is a damaged one.
func (e Entry) write(file io.Writer, key Key, code io.ReadSeeker) error {
	seals, size, err := sealPieces(code)
	if err != nil {
		return err
	}
	head := append([]byte(magic), key[:]...)
	for _, size := range []int64{int64(len(e.Name)), int64(len(e.Facts)), int64(len(e.Module)), size} {
		if size > mostOfAPart {
			return errors.New("it is too large")
		}
		head = binary.BigEndian.AppendUint64(head, uint64(size))
	}
	parts := [][]byte{[]byte(e.Name), e.Facts, e.Module}
	head = append(appendSeal(head, parts...), seals...)
	for _, part := range append([][]byte{appendSeal(head, head)}, parts...) {
		if _, err := file.Write(part); err != nil {
			return err
		}
	}
	if _, err := code.Seek(0, io.SeekStart); err != nil {
		return err
	}
	// Large steps, of which an error is a write's: a file's own ReadFrom takes
	// others.
	n, err := io.CopyBuffer(struct{ io.Writer }{file}, struct{ io.Reader }{code}, make([]byte, pieceLength))
	if err == nil && n != size {
		err = errDamaged
	}
	return err
}

func appendSeal(to []byte, of ...[]byte) []byte {
	seal := steps.Sum256(of...)
	return append(to, seal[:]...)
}

// sealPieces returns the seals of native code, and its size.
func sealPieces(code io.Reader) (seals []byte, size int64, err error) {
	piece := make([]byte, pieceLength)
	for {
		n, err := io.ReadFull(code, piece)
		if n > 0 {
			seals = appendSeal(seals, piece[:n])
			size += int64(n)
		}
		switch err {
		case nil:
		case io.EOF, io.ErrUnexpectedEOF:
			return seals, size, nil
		default:
			return nil, 0, err
		}
	}
}
