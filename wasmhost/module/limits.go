package module

import "fmt"

// Limits are the size a memory or table starts with, and the most it may grow
// to where HasMax (types, section "limits"): in pages of 64 KiB, or entries.
type Limits struct {
	Min, Max uint32
	HasMax   bool
}

// String returns "1..16", or "1.." where there is no maximum.
func (l Limits) String() string {
	if l.HasMax {
		return fmt.Sprintf("%d..%d", l.Min, l.Max)
	}
	return fmt.Sprintf("%d..", l.Min)
}

// A TableType is the type of a table's entries, and their number.
type TableType struct {
	Elem ValueType
	Limits
}

// String returns "funcref 3..7".
func (t TableType) String() string { return t.Elem.String() + " " + t.Limits.String() }

// A MemoryType is the size of a memory in pages of 64 KiB.
type MemoryType struct {
	Limits
}

// String returns "1..16 pages".
func (t MemoryType) String() string { return t.Limits.String() + " pages" }

// The bits of the byte that limits start with; only the first is in the
// specification's version 2.
const (
	limitsMax      = 1 << 0
	limitsShared   = 1 << 1
	limits64       = 1 << 2
	limitsPageSize = 1 << 3
)

func (d *decoder) limits(what string) Limits {
	l := Limits{HasMax: d.limitsFlags(what)&limitsMax != 0, Min: d.u32()}
	from := d.at
	if l.HasMax {
		l.Max = d.u32()
	}
	if d.err == nil && l.HasMax && l.Min > l.Max {
		d.fail(from, "has a %s whose minimum, %d, is above its maximum, %d", what, l.Min, l.Max)
	}
	return l
}

func (d *decoder) limitsFlags(what string) byte {
	from := d.at
	flags := d.byte()
	switch {
	case flags > limitsMax|limitsShared|limits64|limitsPageSize:
		d.fail(from, "has a %s whose limits start with %#02x; they start with 0x00 or 0x01", what, flags)
	case flags&limitsShared != 0:
		d.lacks(from, "threads", "a shared "+what)
	case flags&limits64 != 0:
		d.lacks(from, "memory64", "a 64-bit "+what)
	case flags&limitsPageSize != 0:
		d.lacks(from, "custom page sizes", "a "+what+" with its own page size")
	}
	return flags
}

func (d *decoder) memoryType() MemoryType {
	from := d.at
	t := MemoryType{d.limits("memory")}
	if pages := max(t.Min, t.Max); pages > maxPages {
		d.fail(from, "has a memory of %d pages; at most %d (4 GiB) are allowed", pages, maxPages)
	}
	return t
}

func (d *decoder) tableType() TableType {
	from := d.at
	t := TableType{Elem: d.refType()}
	t.Limits = d.limits("table")
	if t.Min > maxTableSize {
		d.fail(from, "has a table of %d entries; at most %d are allowed", t.Min, maxTableSize)
	}
	return t
}
