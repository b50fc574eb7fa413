package wasmhost

import (
	"slices"

	"github.com/sandsock/sandsock/core"
)

// WASI reads into and writes from lists of buffers. A stream takes them one
// by one; a datagram is one, so its buffers are joined.

// maxJoined is the most that is copied for one call, and the most one call
// writes to a standard stream: above the longest datagram.
const maxJoined = 65536

// scatter reads into the guest's buffers. The place of the count is checked
// before anything is read.
func (g *instance) scatter(d *descriptor, iovs, count, result uint32, flags int) error {
	buffers, err := g.iovecs(iovs, count)
	if err != nil {
		return err
	}
	if _, err := g.bytes(result, 4); err != nil {
		return err
	}
	n, err := g.readAll(d, buffers, flags)
	if err != nil {
		return err
	}
	g.memory.WriteUint32Le(result, uint32(n))
	return nil
}

// readAll fills the first buffer as far as it goes, since a read may always
// be short; the others too where all were asked for.
func (g *instance) readAll(d *descriptor, buffers [][]byte, flags int) (int, error) {
	if d.datagram() && len(buffers) > 1 {
		return g.readJoined(d, buffers, flags)
	}
	sum := 0
	for _, p := range buffers {
		n, err := g.readDescriptor(d, p, flags)
		sum += n
		if err != nil && sum == 0 {
			return 0, err
		}
		if n < len(p) || flags&core.MSG_WAITALL == 0 {
			break
		}
	}
	return sum, nil
}

func (g *instance) readJoined(d *descriptor, buffers [][]byte, flags int) (int, error) {
	joined := make([]byte, min(total(buffers), maxJoined))
	n, err := g.readDescriptor(d, joined, flags)
	rest := joined[:n]
	for _, p := range buffers {
		rest = rest[copy(p, rest):]
	}
	return n, err
}

func total(buffers [][]byte) (sum int) {
	for _, p := range buffers {
		sum += len(p)
	}
	return sum
}

// gather writes the guest's buffers in turn until one is not taken whole. An
// error after some bytes is the next call's.
func (g *instance) gather(d *descriptor, iovs, count, result uint32) error {
	buffers, err := g.iovecs(iovs, count)
	if err != nil {
		return err
	}
	if _, err := g.bytes(result, 4); err != nil {
		return err
	}
	n, err := g.writeAll(d, buffers)
	if err != nil {
		return err
	}
	g.memory.WriteUint32Le(result, uint32(n))
	return nil
}

func (g *instance) writeAll(d *descriptor, buffers [][]byte) (int, error) {
	if d.datagram() && len(buffers) != 1 {
		if total(buffers) > maxJoined {
			return 0, core.EMSGSIZE
		}
		return g.writeDescriptor(d, slices.Concat(buffers...))
	}
	sum := 0
	for _, p := range buffers {
		n, err := g.writeDescriptor(d, p)
		sum += n
		if err != nil && sum == 0 {
			return 0, err
		}
		if n < len(p) || d.socket == nil && sum >= maxJoined {
			break
		}
	}
	return sum, nil
}
