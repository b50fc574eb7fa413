package meter

import "math/bits"

// perLocal is how many slots a value of a local takes: one of its own, and one
// of the address that the engine keeps of it for the next access.
const perLocal = 2

// liveness goes through a body backwards, again and again until what lives at
// the heads of loops is known, and counts the values of locals that live
// across a place where registers are lost or full.
//
// It goes through one body after another: see reset.
type liveness struct {
	e        *estimator
	versions versions
	sets     arena[uint64]
	numbers  arena[uint32]

	blocks  []liveBlock // in the order of their beginnings
	of      []int32     // by step that begins, parts or ends a block: the block
	now     state
	living  int   // locals that live now
	open    []int // blocks, outermost first
	count   bool  // the last pass
	changed bool
	words   int
}

// state is what is known of the locals at one place: which are live, and of
// those, whose value of the moment crosses such a place further on.
type state struct{ live, crossed set64 }

// liveBlock is a block, or the function, with the state its label leads to.
type liveBlock struct {
	kind    kind
	label   state
	end     state // after its end; of an if what its else leads to
	other   state // where the else begins
	hasElse bool
	fresh   set64 // locals of which new values begin: at its end, of a loop at its head
	params  int   // of a loop
}

// set64 is a set of locals.
type set64 []uint64

func (b set64) has(i uint32) bool { return b[i/64]>>(i%64)&1 != 0 }
func (b set64) add(i uint32)      { b[i/64] |= 1 << (i % 64) }
func (b set64) remove(i uint32)   { b[i/64] &^= 1 << (i % 64) }

// reset begins the body whose steps the estimator has.
func (l *liveness) reset(e *estimator, locals int) {
	l.sets.reset()
	l.numbers.reset()
	l.e, l.words = e, (locals+63)/64
	l.of = emptied(l.of, len(e.steps))[:len(e.steps)]
	l.blocks, l.open = l.blocks[:0], l.open[:0]
	l.now, l.living, l.count = l.newState(), 0, false
	l.versions.reset(l, locals)
	l.versions.run()
	l.open = l.open[:0]
}

func (l *liveness) newSet() set64 { return l.sets.take(l.words) }

func (l *liveness) newState() state { return state{l.newSet(), l.newSet()} }

func (s state) copyFrom(t state) {
	copy(s.live, t.live)
	copy(s.crossed, t.crossed)
}

// join adds another way's state, and reports whether that changed anything.
func (s state) join(t state) (changed bool) {
	for i := range s.live {
		live, crossed := s.live[i]|t.live[i], s.crossed[i]|t.crossed[i]
		changed = changed || live != s.live[i] || crossed != s.crossed[i]
		s.live[i], s.crossed[i] = live, crossed
	}
	return changed
}

// maxPasses is how often a body is gone through at most, a time for each loop
// that others are in: deeper ones are taken to have all locals live.
const maxPasses = 8

func (l *liveness) run() {
	l.changed = true
	for n := 0; l.changed && n < maxPasses; n++ {
		l.changed = false
		l.pass()
	}
	if l.changed {
		l.allLive()
	}
	l.count = true
	l.pass()
}

// allLive makes all locals live at the heads of loops, with values that cross.
func (l *liveness) allLive() {
	for i := range l.blocks {
		if b := &l.blocks[i]; b.kind == loops {
			for w := range b.label.live {
				b.label.live[w], b.label.crossed[w] = ^uint64(0), ^uint64(0)
			}
		}
	}
}

func (l *liveness) pass() {
	l.nothing()
	l.open = l.open[:0]
	for i := len(l.e.steps) - 1; i >= 0; i-- {
		l.step(i, &l.e.steps[i])
	}
	l.values(nil) // what the locals begin with
}

// nothing is the state where no way leads on.
func (l *liveness) nothing() {
	clear(l.now.live)
	clear(l.now.crossed)
	l.living = 0
}

// recount counts the live locals after more than one may have changed.
func (l *liveness) recount() {
	l.living = 0
	for _, w := range l.now.live {
		l.living += bits.OnesCount64(w)
	}
}

func (l *liveness) step(i int, s *step) {
	switch s.kind {
	case ends:
		l.end(int(l.of[i]))
	case elses:
		b := &l.blocks[l.of[i]]
		b.other.copyFrom(l.now)
		l.now.copyFrom(b.end)
		l.recount()
	case loops:
		l.cross(s) // the check is inside
		l.begin(int(l.of[i]))
		return
	case begins, ifs:
		l.begin(int(l.of[i]))
	case stops:
		l.nothing()
	case jumps, branches:
		l.nothing()
		l.jump(s)
	case jumpsIf:
		l.jump(s)
	case get:
		if !l.now.live.has(s.index) {
			l.now.live.add(s.index)
			l.living++
		}
	case set, tee:
		l.assign(s.index)
	}
	l.cross(s)
}

// assign ends the life of a value, going backward.
func (l *liveness) assign(local uint32) {
	if l.now.crossed.has(local) && l.count {
		l.e.values += perLocal
	}
	if l.now.live.has(local) {
		l.now.live.remove(local)
		l.living--
	}
	l.now.crossed.remove(local)
}

// jump adds what lives where the step's labels lead.
func (l *liveness) jump(s *step) {
	again := 0
	for _, label := range l.e.labels[s.index : s.index+s.count] {
		b := &l.blocks[l.open[len(l.open)-1-int(label)]]
		l.now.join(b.label)
		if l.count && b.kind == loops {
			again += b.renewed()
		}
	}
	l.recount()
	if again+int(s.height)+l.living >= registers {
		l.e.values += again
	}
}

// renewed is how many values a loop's head has anew each time, with the fuel.
// The engine does not see which of them stay: whatever way leads back makes
// copies of all first.
func (b *liveBlock) renewed() int {
	n := b.params + 1
	for w, fresh := range b.fresh {
		n += bits.OnesCount64(fresh & b.label.live[w])
	}
	return n
}

// cross marks what lives where registers are lost or full.
func (l *liveness) cross(s *step) {
	full := int(s.height)+l.living >= registers
	s.crowded = full
	if s.clobber || s.checked || full {
		copy(l.now.crossed, l.now.live)
	}
}

// end begins a block, going backward.
func (l *liveness) end(block int) {
	l.open = append(l.open, block)
	b := &l.blocks[block]
	if b.kind == loops {
		return
	}
	l.values(b.fresh) // ways meet, with values of their own
	b.end.copyFrom(l.now)
	b.label.copyFrom(l.now)
}

// begin ends a block, going backward.
func (l *liveness) begin(block int) {
	l.open = l.open[:len(l.open)-1]
	b := &l.blocks[block]
	switch b.kind {
	case loops:
		l.values(b.fresh)
		if b.label.join(l.now) {
			l.changed = true
		}
	case ifs:
		if b.hasElse {
			l.now.join(b.other)
		} else {
			l.now.join(b.end)
		}
		l.recount()
	}
}

// values begins new values of some locals, going backward; of all where which
// is nil.
func (l *liveness) values(which set64) {
	for w := range l.now.crossed {
		begin := l.now.crossed[w]
		if which != nil {
			begin &= which[w]
		}
		if l.count {
			l.e.values += perLocal * bits.OnesCount64(begin)
		}
		l.now.crossed[w] &^= begin
	}
}
