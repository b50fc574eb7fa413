package codecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"
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
//	parts   name, facts, module, native code
//	seal    32: the SHA-256 of all before
//
// and nothing after. A seal that fits has the right length, too.
const (
	magic      = "sandsock code 1\n"
	headLength = len(magic) + sha256.Size + 4*8
)

// mostOfAPart bounds what is taken into memory of a file that may be damaged,
// in bytes: above the largest plugin, and what its code may be.
const mostOfAPart = 1 << 30

var errDamaged = errors.New("damaged")

// placeError is an error of the engine's folder, where the entry may be good.
type placeError struct{ error }

// Get finds an entry, checks it, and puts its native code where the engine
// finds it. The error is [ErrNone], or says why it cannot be had; what is
// damaged is there no longer.
func (c *Cache) Get(key Key) (e Entry, err error) {
	if c.kept == nil {
		return e, ErrNone
	}
	info, err := c.kept.Lstat(key.file())
	if errors.Is(err, fs.ErrNotExist) {
		return e, ErrNone
	}
	if err == nil && !info.Mode().IsRegular() { // opening a pipe would wait
		err = errDamaged
	}
	if err == nil {
		e, err = c.read(key)
	}
	if err != nil {
		if placing := (placeError{}); !errors.As(err, &placing) {
			c.Drop(key)
		}
		return Entry{}, Cause(err)
	}
	now := time.Now()
	_ = c.kept.Chtimes(key.file(), now, now) // what is used stays
	return e, nil
}

// Drop removes an entry.
func (c *Cache) Drop(key Key) {
	if c.kept != nil {
		_ = c.kept.RemoveAll(key.file())
	}
}

func (c *Cache) read(key Key) (e Entry, err error) {
	file, err := c.kept.Open(key.file())
	if err != nil {
		return e, err
	}
	defer file.Close()
	seal := sha256.New()
	from := io.TeeReader(file, seal)
	sizes, err := readHead(from, key, file)
	if err != nil {
		return e, err
	}
	name, err := readPart(from, sizes[0])
	if err == nil {
		e.Facts, err = readPart(from, sizes[1])
	}
	if err == nil {
		e.Module, err = readPart(from, sizes[2])
	}
	if e.Name = string(name); err == nil && !engineName(e.Name) {
		err = errDamaged
	}
	if err != nil {
		return e, err
	}
	return e, c.unpack(e.Name, from, sizes[3], seal, file)
}

// readHead checks the head of an entry, and that the file is as long as it says.
func readHead(from io.Reader, key Key, file *os.File) (sizes [4]int64, err error) {
	head := make([]byte, headLength)
	if _, err := io.ReadFull(from, head); err != nil {
		return sizes, errDamaged
	}
	if !bytes.HasPrefix(head, []byte(magic)) || Key(head[len(magic):len(magic)+sha256.Size]) != key {
		return sizes, errDamaged
	}
	info, err := file.Stat()
	if err != nil {
		return sizes, err
	}
	length := int64(headLength + sha256.Size)
	for i := range sizes {
		size := binary.BigEndian.Uint64(head[len(magic)+sha256.Size+8*i:])
		if size > mostOfAPart {
			return sizes, errDamaged
		}
		sizes[i] = int64(size)
		length += sizes[i]
	}
	if info.Size() != length {
		return sizes, errDamaged
	}
	return sizes, nil
}

func readPart(from io.Reader, size int64) ([]byte, error) {
	part := make([]byte, size)
	if _, err := io.ReadFull(from, part); err != nil {
		return nil, errDamaged
	}
	return part, nil
}

// unpack copies native code to the engine's folder. There it stays only if the
// seal fits: what the engine runs is what was checked.
func (c *Cache) unpack(name string, from io.Reader, size int64, seal hash.Hash, file io.Reader) error {
	path, err := c.place(name)
	if err != nil {
		return placeError{err}
	}
	to, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return placeError{err}
	}
	err = copyAll(placing{to}, from, size)
	if closed := to.Close(); err == nil && closed != nil {
		err = placeError{closed}
	}
	if err == nil {
		var written []byte
		if written, err = readPart(file, sha256.Size); err == nil && !bytes.Equal(seal.Sum(nil), written) {
			err = errDamaged
		}
	}
	if err != nil {
		_ = os.Remove(path)
	}
	return err
}

// placing tells errors of writing from those of reading, and has no ReadFrom,
// which would take small steps.
type placing struct{ to io.Writer }

func (p placing) Write(b []byte) (int, error) {
	n, err := p.to.Write(b)
	if err != nil {
		err = placeError{err}
	}
	return n, err
}

// copyAll is io.CopyN in large steps.
func copyAll(to io.Writer, from io.Reader, size int64) error {
	n, err := io.CopyBuffer(to, io.LimitReader(from, size), make([]byte, 256<<10))
	if err == nil && n < size {
		err = errDamaged
	}
	return err
}

// Put keeps an entry with the native code that [Cache.Take] gave its name, and
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
	code, err := os.Open(filepath.Join(c.Dir(), filepath.FromSlash(e.Name)))
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
func (e Entry) write(file io.Writer, key Key, code *os.File) error {
	info, err := code.Stat()
	if err != nil {
		return err
	}
	seal := sha256.New()
	to := io.MultiWriter(file, seal)
	head := append([]byte(magic), key[:]...)
	for _, size := range []int64{int64(len(e.Name)), int64(len(e.Facts)), int64(len(e.Module)), info.Size()} {
		if size > mostOfAPart {
			return errors.New("it is too large")
		}
		head = binary.BigEndian.AppendUint64(head, uint64(size))
	}
	for _, part := range [][]byte{head, []byte(e.Name), e.Facts, e.Module} {
		if _, err := to.Write(part); err != nil {
			return err
		}
	}
	if err := copyAll(to, code, info.Size()); err != nil {
		return err
	}
	_, err = file.Write(seal.Sum(nil))
	return err
}
