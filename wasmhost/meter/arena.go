package meter

// arena lends slices that are all given back at once, so that what a body needs
// for a moment is not garbage after it.
type arena[T any] struct {
	slab []T
	lent int
}

// take returns a slice of zeroes, which is valid up to reset.
func (a *arena[T]) take(n int) []T {
	if n > len(a.slab)-a.lent {
		a.slab, a.lent = make([]T, max(n, 2*len(a.slab), 1<<10)), 0 // the old one stays with who has it
	}
	lent := a.slab[a.lent : a.lent+n : a.lent+n]
	a.lent += n
	clear(lent)
	return lent
}

func (a *arena[T]) copy(of []T) []T {
	c := a.take(len(of))
	copy(c, of)
	return c
}

func (a *arena[T]) reset() { a.lent = 0 }

// emptied returns an empty slice with room for so many values, which is the one
// given where that has it. To grow that one would clear the room in one go, in
// which no goroutine can be stopped; what is made is cleared in steps.
func emptied[T any](s []T, room int) []T {
	if cap(s) < room {
		return make([]T, 0, room)
	}
	return s[:0]
}
