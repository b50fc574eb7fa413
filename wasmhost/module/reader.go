package module

import (
	"encoding/binary"
	"fmt"
	"unicode/utf8"
)

// A decoder reads a file from at to end. The first mistake is kept in err;
// after it every read returns zero, so that what reads an entry needs no
// checks between its fields: only loops and effects look at err.
type decoder struct {
	file  []byte
	at    int
	end   int    // of the part being read
	start int    // of the part being read
	part  string // what ends at end, "the type section"; empty for the file

	m        *Module
	last     SectionID // the last section that was not custom
	seen     uint16    // a bit for each section that was there
	elements int       // in the element segments read so far
	err      *Error
}

// fail keeps the first mistake, found at a byte of the file.
func (d *decoder) fail(offset int, format string, args ...any) {
	if d.err == nil {
		d.err = &Error{Offset: offset, Reason: fmt.Sprintf(format, args...)}
	}
}

// lacks refuses a file for a feature it uses, seen in what.
func (d *decoder) lacks(offset int, feature, what string) {
	d.fail(offset, "uses %s (%s), which this host does not run", feature, what)
}

// left is the number of bytes up to the end of the part being read.
func (d *decoder) left() int { return d.end - d.at }

// short says that the part being read ends too early.
func (d *decoder) short() {
	if d.part == "" {
		d.fail(d.at, "ends in the middle of a section's size")
		return
	}
	d.fail(d.at, "gives %s %d bytes, too few for what is in it", d.part, d.end-d.start)
}

func (d *decoder) byte() byte {
	if d.err != nil {
		return 0
	}
	if d.at >= d.end {
		d.short()
		return 0
	}
	d.at++
	return d.file[d.at-1]
}

// bytes returns the next n bytes as a part of the file, not a copy.
func (d *decoder) bytes(n uint32) []byte {
	if d.err == nil && uint64(n) > uint64(d.left()) {
		d.short()
	}
	if d.err != nil {
		return nil
	}
	from := d.at
	d.at += int(n)
	return d.file[from:d.at:d.at]
}

// fixed32 and fixed64 read the little-endian bits of a float (values, section
// "floating-point").
func (d *decoder) fixed32() uint32 {
	if b := d.bytes(4); b != nil {
		return binary.LittleEndian.Uint32(b)
	}
	return 0
}

func (d *decoder) fixed64() uint64 {
	if b := d.bytes(8); b != nil {
		return binary.LittleEndian.Uint64(b)
	}
	return 0
}

// name reads a vector of bytes that must be UTF-8 (values, section "names").
func (d *decoder) name() string {
	from := d.at
	b := d.bytes(d.u32())
	switch {
	case len(b) > maxNameLength:
		d.fail(from, "has a name of %d bytes; at most %d are allowed", len(b), maxNameLength)
	case !utf8.Valid(b):
		d.fail(from, "has a name that is not UTF-8 text: %s", quoted(string(b[:min(len(b), maxQuoted)])))
	default:
		return string(b)
	}
	return ""
}

// within reads a part of size bytes, which must be there, and insists that
// read takes all of them.
func (d *decoder) within(part string, size int, read func()) {
	start, end, outer := d.start, d.end, d.part
	d.start, d.end, d.part = d.at, d.at+size, part
	read()
	if d.err == nil && d.at != d.end {
		d.fail(d.at, "gives %s %d bytes, %d more than what is in it", part, size, d.left())
	}
	d.start, d.end, d.part = start, end, outer
}
