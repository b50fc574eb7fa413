package module

import (
	"runtime"
	"sync"
	"sync/atomic"
)

// Part is function bodies, m.Codes[From:To], that one worker goes through, one
// after another.
type Part struct {
	Index    int // among the parts
	From, To int
	Size     int // in bytes
}

// partSize is where a part ends, in bytes: a worker that has the last one
// leaves the others without work for no longer than it takes.
const partSize = 32 << 10

// Parts are all bodies, in their order.
func (m *Module) Parts() (parts []Part) {
	now := Part{}
	for i, c := range m.Codes {
		now.Size += len(c.Body)
		now.To = i + 1
		if now.Size >= partSize || now.To == len(m.Codes) {
			parts = append(parts, now)
			now = Part{Index: len(parts), From: now.To}
		}
	}
	return parts
}

// InParts has all parts gone through by as many workers at once as there are
// processors; newWorker makes one. Between two parts a worker lets others run:
// connections are served meanwhile.
func InParts(parts []Part, newWorker func() func(Part)) {
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		workers.Go(func() {
			work := newWorker()
			for i := next.Add(1) - 1; i < int64(len(parts)); i = next.Add(1) - 1 {
				work(parts[i])
				runtime.Gosched()
			}
		})
	}
	workers.Wait()
}
