package module

import "fmt"

// typeIndex reads the index of a type that must be there.
func (d *decoder) typeIndex() uint32 {
	from := d.at
	index := d.u32()
	if n := len(d.m.Types); int64(index) >= int64(n) {
		d.fail(from, "has a function of type %d, but %s", index, only("type", "types", n))
	}
	return index
}

// funcIndex reads the index of a function that must be there; user is what
// has it.
func (d *decoder) funcIndex(user string) uint32 {
	from := d.at
	index := d.u32()
	if n := d.m.NumFuncs(); int64(index) >= int64(n) {
		d.fail(from, "has %s of function %d, but %s", user, index, only("function", "functions", n))
	}
	return index
}

// only says which indices there are: "has only types 0 to 2".
func only(singular, plural string, n int) string {
	switch n {
	case 0:
		return "has no " + plural
	case 1:
		return fmt.Sprintf("has only %s 0", singular)
	}
	return fmt.Sprintf("has only %s 0 to %d", plural, n-1)
}
