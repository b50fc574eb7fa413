package meter

import "math/bits"

// liveness goes through a body backwards, again and again until what lives at
// the heads of loops is known, and counts the values of locals that live
// across a place where registers are lost or scarce.
type liveness struct {
	e        *estimator
	blocks   []liveBlock // in the order of their beginnings
	assigned []set64     // by block: the locals set inside
	of       []int       // by step that begins, parts or ends a block: the block
	now      state
	open     []int // blocks, outermost first
	count    bool  // the last pass
	changed  bool
	words    int
}

// state is what is known of the locals at one place: which are live, and of
// those, whose value of the moment crosses such a place further on.
type state struct{ live, crossed set64 }

// liveBlock is a block, or the function, with the state its label leads to.
type liveBlock struct {
	kind     kind
	label    state
	end      state // after its end; of an if what its else leads to
	other    state // where the else begins
	targeted bool
	hasElse  bool
}

// set64 is a set of locals.
type set64 []uint64

func (b set64) has(i uint32) bool { return b[i/64]>>(i%64)&1 != 0 }
func (b set64) add(i uint32)      { b[i/64] |= 1 << (i % 64) }
func (b set64) remove(i uint32)   { b[i/64] &^= 1 << (i % 64) }

func newLiveness(e *estimator, locals int) *liveness {
	l := &liveness{e: e, words: (locals + 63) / 64}
	l.now = l.newState()
	l.structure()
	return l
}

func (l *liveness) newState() state {
	b := make(set64, 2*l.words)
	return state{b[:l.words:l.words], b[l.words:]}
}

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

// structure finds the blocks, which are targeted, and what is set in them.
func (l *liveness) structure() {
	l.of = make([]int, len(l.e.steps))
	l.add(begins) // the function
	for i := range l.e.steps {
		s := &l.e.steps[i]
		switch s.kind {
		case begins, loops, ifs:
			l.of[i] = l.add(s.kind)
		case elses:
			l.of[i] = l.open[len(l.open)-1]
			l.blocks[l.of[i]].hasElse = true
		case ends:
			last := len(l.open) - 1
			l.of[i] = l.open[last]
			if last > 0 {
				outer := l.assigned[l.open[last-1]]
				for w, set := range l.assigned[l.open[last]] {
					outer[w] |= set
				}
			}
			l.open = l.open[:last]
		case set, tee:
			l.assigned[l.open[len(l.open)-1]].add(s.index)
		case jumps, jumpsIf, branches:
			for _, label := range l.e.labels[s.index : s.index+s.count] {
				l.blocks[l.open[len(l.open)-1-int(label)]].targeted = true
			}
		}
	}
	l.open = l.open[:0]
}

func (l *liveness) add(k kind) int {
	n := len(l.blocks)
	l.blocks = append(l.blocks, liveBlock{kind: k, label: l.newState(), end: l.newState(), other: l.newState()})
	l.assigned = append(l.assigned, make(set64, l.words))
	l.open = append(l.open, n)
	return n
}

func (l *liveness) run() {
	for l.changed = true; l.changed; {
		l.changed = false
		l.pass()
	}
	l.count = true
	l.pass()
}

func (l *liveness) pass() {
	clear(l.now.live)
	clear(l.now.crossed)
	l.open = l.open[:0]
	for i := len(l.e.steps) - 1; i >= 0; i-- {
		l.step(i, &l.e.steps[i])
	}
	l.values(nil) // what the locals begin with
}

func (l *liveness) step(i int, s *step) {
	switch s.kind {
	case ends:
		l.end(l.of[i])
	case elses:
		b := &l.blocks[l.of[i]]
		b.other.copyFrom(l.now)
		l.now.copyFrom(b.end)
	case begins, loops, ifs:
		l.begin(l.of[i])
	case jumps, stops:
		clear(l.now.live)
		clear(l.now.crossed)
		l.jump(s)
	case jumpsIf:
		l.jump(s)
	case branches:
		clear(l.now.live)
		clear(l.now.crossed)
		l.jump(s)
	case get:
		l.now.live.add(s.index)
	case set, tee:
		l.assign(s.index)
	}
	l.cross(s)
}

// assign ends the life of a value, going backward.
func (l *liveness) assign(local uint32) {
	if l.now.crossed.has(local) && l.count {
		l.e.values++
	}
	l.now.live.remove(local)
	l.now.crossed.remove(local)
}

// jump adds what lives where the step's labels lead.
func (l *liveness) jump(s *step) {
	if s.kind == stops {
		return
	}
	for _, label := range l.e.labels[s.index : s.index+s.count] {
		l.now.join(l.blocks[l.open[len(l.open)-1-int(label)]].label)
	}
}

// cross marks what lives where registers are lost or scarce.
func (l *liveness) cross(s *step) {
	many := int(s.height)
	for _, w := range l.now.live {
		many += bits.OnesCount64(w)
	}
	if l.count {
		s.crowded = many >= registers
	}
	if s.clobber || many >= registers || s.kind >= begins && s.kind <= stops {
		copy(l.now.crossed, l.now.live) // a branch or a block's edge may have a charge
	}
}

// end begins a block, going backward.
func (l *liveness) end(block int) {
	l.open = append(l.open, block)
	b := &l.blocks[block]
	if b.kind == ifs || b.kind == begins && b.targeted {
		l.values(l.assigned[block]) // ways meet: what was set inside is a value of its own
	}
	b.end.copyFrom(l.now)
	if b.kind != loops {
		b.label.copyFrom(l.now)
	}
}

// begin ends a block, going backward.
func (l *liveness) begin(block int) {
	l.open = l.open[:len(l.open)-1]
	b := &l.blocks[block]
	switch b.kind {
	case loops:
		l.values(l.assigned[block])
		if b.label.join(l.now) {
			l.changed = true
		}
	case ifs:
		if b.hasElse {
			l.now.join(b.other)
		} else {
			l.now.join(b.end)
		}
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
			l.e.values += bits.OnesCount64(begin)
		}
		l.now.crossed[w] &^= begin
	}
}
