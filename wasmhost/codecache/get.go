package codecache

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/sandsock/sandsock/wasmhost/populate"
	"github.com/sandsock/sandsock/wasmhost/steps"
)

// Get finds an entry, checks it, and puts its native code where the engine
// finds it, or begins to: then what is wrong with the rest is the error of
// [Cache.Clear]. The error is [ErrNone], or says why it cannot be had; what is
// damaged is there no longer, and what cannot be read stays.
func (c *Cache) Get(key Key) (e Entry, err error) {
	if c.kept == nil {
		return e, ErrNone
	}
	info, err := c.kept.Lstat(key.file())
	if errors.Is(err, fs.ErrNotExist) {
		return e, ErrNone
	}
	if err == nil && !info.Mode().IsRegular() {
		err = errDamaged
	}
	if err == nil {
		e, err = c.read(key)
	}
	if err != nil {
		if err == errDamaged {
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
	// Since it was looked at it may have become a pipe, or another host have
	// dropped it.
	file, err := c.kept.OpenFile(key.file(), os.O_RDONLY|withoutWaiting, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return e, ErrNone
	}
	if err != nil {
		return e, err
	}
	code := &pieces{file: file}
	if e, err = code.begin(key); err == nil {
		err = c.give(e.Name, code, func(path string, first []byte) error { return unpack(path, first, code) })
	}
	if err != nil {
		_ = file.Close()
	}
	return e, err
}

// pieces reads the file of an entry, and tells nothing of it that was not
// checked.
type pieces struct {
	file     *os.File
	unsealed bool   // it is native code and nothing else, of which nothing was kept yet
	seals    []byte // of what follows
	left     int64  // bytes of native code
	room     []byte
}

// begin reads all of an entry but the native code.
func (p *pieces) begin(key Key) (e Entry, err error) {
	sizes, err := p.head(key)
	if err != nil {
		return e, err
	}
	name, facts := sizes[0], sizes[0]+sizes[1]
	all := facts + sizes[2]
	parts, err := p.next(populate.Make(int(all), int(all)))
	if err != nil {
		return e, err
	}
	e = Entry{Name: string(parts[:name]), Facts: parts[name:facts:facts], Module: parts[facts:]}
	if !engineName(e.Name) {
		return e, errDamaged
	}
	p.left = sizes[3]
	p.room = make([]byte, pieceLength)
	return e, nil
}

// head reads the head of an entry with its seals, and checks that the file is as
// long as it says.
func (p *pieces) head(key Key) (sizes [4]int64, err error) {
	head := make([]byte, headLength)
	info, err := p.file.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = errDamaged
	}
	if err == nil {
		err = p.fill(head)
	}
	if err != nil {
		return sizes, err
	}
	if !bytes.HasPrefix(head, []byte(magic)) || Key(head[len(magic):len(magic)+sha256.Size]) != key {
		return sizes, errDamaged
	}
	var length int64
	for i := range sizes {
		size := binary.BigEndian.Uint64(head[len(magic)+sha256.Size+8*i:])
		if size > mostOfAPart {
			return sizes, errDamaged
		}
		sizes[i] = int64(size)
		length += sizes[i]
	}
	seals := sha256.Size * (1 + (sizes[3]+pieceLength-1)/pieceLength)
	if info.Size() != int64(headLength)+seals+sha256.Size+length {
		return sizes, errDamaged
	}
	all := append(head, make([]byte, seals+sha256.Size)...)
	if err := p.fill(all[headLength:]); err != nil {
		return sizes, err
	}
	sealed := all[:len(all)-sha256.Size]
	if steps.Sum256(sealed) != [sha256.Size]byte(all[len(sealed):]) {
		return sizes, errDamaged
	}
	p.seals = sealed[headLength:]
	return sizes, nil
}

// fill reads what follows in the file, of which there has to be enough.
func (p *pieces) fill(room []byte) error {
	_, err := io.ReadFull(p.file, room)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return errDamaged
	}
	return err
}

// next fills room with what follows in the file, if its seal fits.
func (p *pieces) next(room []byte) ([]byte, error) {
	if err := p.fill(room); err != nil || p.unsealed {
		return room, err
	}
	if steps.Sum256(room) != [sha256.Size]byte(p.seals[:sha256.Size]) {
		return nil, errDamaged
	}
	p.seals = p.seals[sha256.Size:]
	return room, nil
}

// code returns the next piece of native code, which is good until it is called
// again; it is [io.EOF] at the end.
func (p *pieces) code() ([]byte, error) {
	if p.left == 0 {
		return nil, io.EOF
	}
	piece, err := p.next(p.room[:min(p.left, pieceLength)])
	p.left -= int64(len(piece))
	return piece, err
}

// give puts native code where the engine finds it: behind a pipe, or by another
// way that it is told, with the first piece. It takes the file, unless there is
// an error.
func (c *Cache) give(name string, code *pieces, otherwise func(path string, first []byte) error) error {
	path, err := c.place(name)
	if err != nil {
		return err
	}
	first, err := code.code()
	if err != nil && err != io.EOF {
		return err
	}
	if c.feed, err = feedFrom(path, first, code); c.feed != nil || err != nil {
		return err
	}
	if err := otherwise(path, first); err != nil {
		_ = os.Remove(path)
		return err
	}
	return nil
}

// unpack copies native code to a file, which is to be removed if that fails, and
// closes what it came from.
func unpack(path string, piece []byte, code *pieces) error {
	_ = os.Remove(path) // what was left there may be a pipe
	to, err := os.OpenFile(path, os.O_CREATE|os.O_TRUNC|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	for err == nil {
		if _, err = to.Write(piece); err == nil {
			piece, err = code.code()
		}
	}
	if err == io.EOF {
		err = nil
	}
	for _, file := range []*os.File{to, code.file} {
		if closed := file.Close(); err == nil {
			err = closed
		}
	}
	return err
}

// Clear empties the engine's folder. The error says what was wrong with code
// that [Cache.Get] or [Cache.Take] began to put there: the engine had less than
// all of it.
func (c *Cache) Clear() (err error) {
	if c.feed != nil {
		err = c.feed.end()
		c.feed = nil
	}
	_ = c.empty("") // or whoever comes next does
	c.removeTaken()
	return err
}
