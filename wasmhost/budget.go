package wasmhost

import (
	"fmt"
	"sync/atomic"

	"github.com/sandsock/sandsock/wasmhost/meter"
)

// budget is what all instances of a host may have together. Memory that was
// given up counts no more, though Go's collector may hold it for a while.
//
// It counts what instances could have written. Where all of that together would
// be too much, since many begin from an image of which they write little, it
// goes by what the process really has: see pressure.go.
type budget struct {
	bytes     int64 // of memory; negative for any number
	most      int64 // instances; negative for any number
	used      atomic.Int64
	images    atomic.Int64 // of used: the images' part, which may be unwritten
	instances atomic.Int64
	pressure  pressure
}

// need is what an instance takes out of the budget.
type need struct {
	bytes int64
	image int64 // of these, an image's
}

// take counts in what is needed, unless that is more than limit.
func (b *budget) take(n need, limit int64) bool {
	if !addWithin(&b.used, n.bytes, limit) {
		own := b.used.Load() - b.images.Load() + n.bytes - n.image
		if own > limit || !b.pressure.allows(n.bytes-n.image, limit) {
			return false
		}
		b.used.Add(n.bytes)
		b.pressure.watch()
	}
	b.images.Add(n.image)
	return true
}

func addWithin(sum *atomic.Int64, n, limit int64) bool {
	for {
		old := sum.Load()
		if limit >= 0 && old+n > limit {
			return false
		}
		if sum.CompareAndSwap(old, old+n) {
			return true
		}
	}
}

// forNew is how much may be in use after a new instance came. The last sixteenth
// is for those that are there to grow.
func (b *budget) forNew() int64 {
	if b.bytes < 0 {
		return b.bytes
	}
	return b.bytes - b.bytes/16
}

// enter counts an instance in. The error says why it has to stay out.
func (b *budget) enter(n need) error {
	if !addWithin(&b.instances, 1, b.most) {
		return &Stopped{fmt.Sprintf("%d instances at once is the limit of the host", b.most)}
	}
	if !b.take(n, b.forNew()) {
		b.instances.Add(-1)
		return &Stopped{fmt.Sprintf("%s of memory is the budget of the host", bytesText(b.bytes))}
	}
	return nil
}

func (b *budget) leave(n need) {
	b.instances.Add(-1)
	b.used.Add(-n.bytes)
	b.images.Add(-n.image)
}

// instanceCost is about what an instance costs the host beside what the
// module asks for: the engine's stack and tables, a goroutine, a socket.
const instanceCost = 40 << 10

// fixedCost is what an instance of a module costs beside its linear memory, in
// whole KiB.
func fixedCost(globals int, m meter.Metered) int64 {
	const header, reference = 24, 48 // a slice of Go's; what the engine keeps of a function in a segment
	cost := instanceCost + 8*m.TableEntries + 32*globals +
		header*(m.DataSegments+m.ElementSegments) + reference*m.Elements
	return int64(cost+1023) &^ 1023
}

// bytesText returns 64 MiB, 1.5 GiB, 100 bytes: as the flags are written.
func bytesText(n int64) string {
	for _, unit := range []struct {
		size int64
		name string
	}{{1 << 30, "GiB"}, {1 << 20, "MiB"}, {1 << 10, "KiB"}} {
		if n >= unit.size && n%(unit.size/4) == 0 {
			return fmt.Sprintf("%g %s", float64(n)/float64(unit.size), unit.name)
		}
	}
	return fmt.Sprintf("%d bytes", n)
}
