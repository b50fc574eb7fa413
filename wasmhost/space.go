package wasmhost

import (
	"github.com/tetratelabs/wazero/experimental"

	"github.com/sandsock/sandsock/wasmhost/image"
	"github.com/sandsock/sandsock/wasmhost/populate"
	"github.com/sandsock/sandsock/wasmhost/steps"
)

// space is what one instance has of the host's budget, and how far its memory
// may grow. It belongs to the goroutine that owns the instance.
type space struct {
	budget  *budget
	limit   uint64 // bytes of linear memory
	entered bool
	held    int64 // of the budget, for linear memory
	image   int64 // of held: what an image has of it
	fixed   int64 // of the budget, for all else
}

// newSpace is that of an instance that begins with a plugin's memory, or with
// what a snapshot has.
func (h *Host) newSpace(p *Plugin, s *snapshot, limits *Limits) *space {
	sp := &space{budget: &h.budget, limit: uint64(limits.pages(h.config.Without)) * pageSize}
	if p != nil {
		sp.held, sp.fixed = p.facts.Minimum, p.facts.Fixed
	}
	if s != nil {
		sp.image = int64(s.image.Len())
		sp.held = sp.image
	}
	return sp
}

func (s *space) need() need { return need{bytes: s.held + s.fixed, image: s.image} }

// enter takes what the instance begins with out of the budget. A second time
// it does nothing.
func (s *space) enter() error {
	if s.entered {
		return nil
	}
	err := s.budget.enter(s.need())
	s.entered = err == nil
	return err
}

// leave gives all back. The memory must not be in use any more.
func (s *space) leave() {
	if s.entered {
		s.entered = false
		s.budget.leave(s.need())
	}
}

// room returns how much to make for size bytes: some more, where there is, so
// that a guest that grows a page at a time is not copied each time. 0 where
// that is too much.
func (s *space) room(size, have uint64) uint64 {
	if size > s.limit {
		return 0
	}
	for _, room := range []uint64{min(s.limit, max(size, have/2*3)), size} {
		more := int64(room) - s.held
		if more <= 0 || s.budget.take(need{bytes: more}, s.budget.bytes) {
			s.held += max(more, 0)
			return room
		}
	}
	return 0
}

// linear is the memory of a vessel, as the engine allocates it: a copy of the
// snapshot's image, or plain. Once it has grown it is plain in any case.
type linear struct {
	space  *space      // of the instance at work
	copy   *image.Copy // nil where there is no image
	begun  bool
	grows  bool // it most likely will and is written to, so there is room, and pages
	memory []byte
}

// Allocate implements [experimental.MemoryAllocator], for the one memory that
// a module has.
func (l *linear) Allocate(_, _ uint64) experimental.LinearMemory { return l }

// Reallocate implements [experimental.LinearMemory]. The first time is the
// module's minimum: the engine does not bear nil then, and enter has taken it
// from the budget. Later nil is the guest's -1.
func (l *linear) Reallocate(size uint64) []byte {
	switch {
	case l.begun:
	case l.copy != nil: // which may be more than the minimum
		l.memory = l.copy.Bytes[:len(l.copy.Bytes):len(l.copy.Bytes)]
		size = uint64(len(l.memory))
	case l.grows:
		l.memory = populate.Make(int(size), int(max(size, l.space.room(size, size))))
	default:
		l.memory = make([]byte, size)
	}
	l.begun = true
	if size > uint64(cap(l.memory)) {
		room := l.space.room(size, uint64(cap(l.memory)))
		if room == 0 {
			return nil
		}
		grown := make([]byte, size, room)
		steps.Copy(grown, l.memory)
		l.memory = grown
	}
	l.memory = l.memory[:size]
	return l.memory
}

// Free implements [experimental.LinearMemory], at the end of the module.
func (l *linear) Free() {
	l.memory = nil
	if l.copy != nil {
		l.copy.Close()
	}
}
