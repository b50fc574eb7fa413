package module

// A list says what a vector of the format may hold.
type list struct {
	what  string // in the plural
	least int    // bytes that an entry takes at least
	most  int    // entries allowed
}

// count reads the length of a vector, and refuses one whose entries cannot
// all be there: what is allocated for them stays in proportion to the file.
func (d *decoder) count(l list) int {
	from := d.at
	n := int64(d.u32())
	if n > int64(d.left()/l.least) {
		d.fail(from, "declares %d %s, more than fit into the %d bytes left of %s", n, l.what, d.left(), d.part)
		return 0
	}
	if n > int64(l.most) {
		d.fail(from, "declares %d %s; at most %d are allowed", n, l.what, l.most)
		return 0
	}
	return int(n)
}

// vector reads a vector (conventions, section "vectors") up to its first
// mistake.
func vector[T any](d *decoder, l list, entry func() T) []T {
	n := d.count(l)
	if n == 0 {
		return nil
	}
	entries := make([]T, 0, n)
	for d.err == nil && len(entries) < n {
		entries = append(entries, entry())
	}
	return entries
}
