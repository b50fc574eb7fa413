package meter

import (
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// part is functions that one worker goes through, one after another.
type part struct {
	from, to int // indices of bodies
	size     int // of them, in bytes
	needs    needs
	code     code
}

// partSize is where a part ends: a worker that has the last one leaves the
// others without work for no longer than it takes.
const partSize = 32 << 10

// inParts has all bodies gone through by as many workers as there are
// processors; newWorker makes one. The parts are in the order of the bodies.
// Between two of them a worker lets others run: connections are served
// meanwhile.
func inParts(bodies []module.Code, newWorker func() func(*part)) []part {
	parts := split(bodies)
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(parts)) {
		workers.Go(func() {
			work := newWorker()
			for i := next.Add(1) - 1; i < int64(len(parts)); i = next.Add(1) - 1 {
				work(&parts[i])
				runtime.Gosched()
			}
		})
	}
	workers.Wait()
	return parts
}

func split(bodies []module.Code) (parts []part) {
	now := part{}
	for i, b := range bodies {
		now.size += len(b.Body)
		now.to = i + 1
		if now.size >= partSize {
			parts = append(parts, now)
			now = part{from: now.to}
		}
	}
	if now.to > now.from {
		parts = append(parts, now)
	}
	return parts
}
