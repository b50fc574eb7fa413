package module

import "fmt"

// SectionID is the byte a section starts with (modules, section "sections").
type SectionID byte

// The sections of a module. A custom section may stand anywhere, the others
// in the order type, import, function, table, memory, global, export, start,
// element, data count, code, data.
const (
	SectionCustom SectionID = iota
	SectionType
	SectionImport
	SectionFunction
	SectionTable
	SectionMemory
	SectionGlobal
	SectionExport
	SectionStart
	SectionElement
	SectionCode
	SectionData
	SectionDataCount
	sectionTag // of the exception handling proposal
)

var sectionNames = [...]string{"custom", "type", "import", "function", "table", "memory", "global",
	"export", "start", "element", "code", "data", "data count"}

// String returns the section's name in the specification: "data count
// section".
func (id SectionID) String() string {
	if int(id) < len(sectionNames) {
		return sectionNames[id] + " section"
	}
	return fmt.Sprintf("section %d", byte(id))
}

// rank orders the sections. The data count has a late number but an early
// place, so that one pass can check function bodies.
func (id SectionID) rank() int {
	switch id {
	case SectionDataCount:
		return 2*int(SectionElement) + 1
	default:
		return 2 * int(id)
	}
}

var sectionReaders = [...]func(*decoder){
	SectionCustom:    (*decoder).custom,
	SectionType:      (*decoder).types,
	SectionImport:    (*decoder).imports,
	SectionFunction:  (*decoder).functions,
	SectionTable:     (*decoder).tables,
	SectionMemory:    (*decoder).memories,
	SectionGlobal:    (*decoder).globals,
	SectionExport:    (*decoder).exports,
	SectionStart:     (*decoder).startFunc,
	SectionElement:   (*decoder).elems,
	SectionCode:      (*decoder).codes,
	SectionData:      (*decoder).datas,
	SectionDataCount: (*decoder).dataCount,
}

// section reads one section, its identifier and size included.
func (d *decoder) section() {
	from := d.at
	id := SectionID(d.byte())
	d.known(from, id)
	d.ordered(from, id)
	size := d.u32()
	if d.err != nil {
		return
	}
	if uint64(size) > uint64(d.left()) {
		d.fail(len(d.file), "ends in the middle of the %s: %d of its %d bytes are there", id, d.left(), size)
		return
	}
	d.within("the "+id.String(), int(size), func() { sectionReaders[id](d) })
}

func (d *decoder) known(from int, id SectionID) {
	switch {
	case id == sectionTag:
		d.lacks(from, "exception handling", "a tag section")
	case int(id) >= len(sectionReaders):
		d.fail(from, "has a section of an unknown kind, %d: is the file damaged?", byte(id))
	}
}

// ordered refuses a section that was there already or comes too late.
func (d *decoder) ordered(from int, id SectionID) {
	if id == SectionCustom || d.err != nil {
		return
	}
	if d.seen&(1<<id) != 0 {
		d.fail(from, "has a second %s", id)
	}
	if id.rank() < d.last.rank() {
		d.fail(from, "has its %s after its %s, which is the wrong order", id, d.last)
	}
	d.seen |= 1 << id
	d.last = id
}
