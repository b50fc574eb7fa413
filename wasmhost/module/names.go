package module

import (
	"cmp"
	"slices"
)

// Names are what the name section tells of a module for people to read
// (appendix "custom sections"). They are the author's word: two functions may
// have one name.
type Names struct {
	Module    string
	Functions []FuncName // by index
}

// A FuncName is the name of a function, imported ones included.
type FuncName struct {
	Index uint32
	Name  string
}

// Function returns the name of a function, and empty where it has none.
func (n Names) Function(index uint32) string {
	i, ok := slices.BinarySearchFunc(n.Functions, index, func(f FuncName, index uint32) int {
		return cmp.Compare(f.Index, index)
	})
	if !ok {
		return ""
	}
	return n.Functions[i].Name
}

const nameSection = "name"

// The parts of a name section that are read; others are passed over.
const (
	moduleNames   = 0
	functionNames = 1
)

// names reads the name section. A mistake in it must not make the module
// invalid: then the module has no names.
func (d *decoder) names() {
	c, ok := d.m.Custom(nameSection)
	if !ok {
		return
	}
	r := &decoder{file: d.file, at: c.Offset, end: c.Offset + len(c.Data), part: "the name section", m: d.m}
	var n Names
	for r.err == nil && r.left() > 0 {
		r.nameSubsection(&n)
	}
	if r.err == nil {
		d.m.Names = n
	}
}

func (d *decoder) nameSubsection(n *Names) {
	id, size := d.byte(), d.u32()
	if int64(size) > int64(d.left()) {
		d.short()
	}
	if d.err != nil {
		return
	}
	d.within("a part of the name section", int(size), func() {
		switch id {
		case moduleNames:
			n.Module = d.name()
		case functionNames:
			n.Functions = d.funcNames()
		default:
			d.bytes(size)
		}
	})
}

// funcNames reads names in the order of their functions, one each at most.
func (d *decoder) funcNames() []FuncName {
	next := uint32(0)
	return vector(d, list{"function names", 2, d.m.NumFuncs()}, func() FuncName {
		from := d.at
		f := FuncName{Index: d.funcIndex("the name"), Name: d.name()}
		if f.Index < next {
			d.fail(from, "names function %d after function %d", f.Index, next-1)
		}
		next = f.Index + 1
		return f
	})
}
