package module

import "fmt"

// ExternKind is what an import or export is (modules, section "import
// section").
type ExternKind byte

// The kinds of imports and exports.
const (
	ExternFunc ExternKind = iota
	ExternTable
	ExternMemory
	ExternGlobal
	externTag // of the exception handling proposal
)

var externNames = [...]string{"function", "table", "memory", "global"}

// String returns "function", "table", "memory" or "global".
func (k ExternKind) String() string {
	if int(k) < len(externNames) {
		return externNames[k]
	}
	return fmt.Sprintf("kind %#02x", byte(k))
}

func (k ExternKind) plural() string {
	if k == ExternMemory {
		return "memories"
	}
	return k.String() + "s"
}

// externKind reads the kind of an import or export; what says which.
func (d *decoder) externKind(what, name string) ExternKind {
	from := d.at
	kind := ExternKind(d.byte())
	if kind == externTag {
		d.lacks(from, "exception handling", "the tag "+quoted(name))
	}
	if int(kind) >= len(externNames) {
		d.fail(from, "has an %s %s of an unknown kind, %#02x", what, quoted(name), byte(kind))
	}
	return kind
}

// DescribeImport says what the module asks for: "(i32) -> i32" of a function,
// "memory 1.. pages", "table funcref 1..1", "global mut i32".
func (m *Module) DescribeImport(i Import) string {
	switch i.Kind {
	case ExternTable:
		return "table " + i.Table.String()
	case ExternMemory:
		return "memory " + i.Memory.String()
	case ExternGlobal:
		return "global " + i.Global.String()
	}
	if t, ok := at(m.Types, i.Type); ok {
		return t.String()
	}
	return ""
}

// DescribeExport says what the module offers, as [Module.DescribeImport]
// does; empty where e is not of this module.
func (m *Module) DescribeExport(e Export) string {
	i := Import{Kind: e.Kind}
	ok := false
	switch e.Kind {
	case ExternFunc:
		i.Type, ok = m.TypeIndex(e.Index)
	case ExternTable:
		i.Table, ok = m.TableType(e.Index)
	case ExternMemory:
		i.Memory, ok = m.MemoryType(e.Index)
	case ExternGlobal:
		i.Global, ok = m.GlobalType(e.Index)
	}
	if !ok {
		return ""
	}
	return m.DescribeImport(i)
}
