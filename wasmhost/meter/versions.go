package meter

// versions goes through a body forwards and tells where ways meet with
// different values of a local: there a new value begins. It finds the blocks
// for liveness, too.
type versions struct {
	l       *liveness
	now     []uint32 // by local: the number of its value
	last    uint32   // of all values
	reached bool
	blocks  []versionBlock // by block
}

// versionBlock is what comes to a block's end.
type versionBlock struct {
	entry    []uint32 // of an if: what its else begins with
	at       []uint32 // of the first way to its end; nil where none leads there
	assigned set64    // locals set inside
	step     int      // the last branch that led there
}

func (v *versions) reset(l *liveness, locals int) {
	v.l, v.now, v.last, v.reached = l, l.numbers.take(locals), uint32(locals), true
	for i := range v.now {
		v.now[i] = uint32(i)
	}
	v.blocks = v.blocks[:0]
	v.open(begins) // the function
}

func (v *versions) run() {
	// What a loop sets is needed at its head: it is found first.
	v.findAssigned()
	l := v.l
	next := 1
	for i := range l.e.steps {
		s := &l.e.steps[i]
		switch s.kind {
		case begins, loops, ifs:
			l.open = append(l.open, next)
			v.begin(next)
			next++
		case elses:
			v.otherwise(int(l.of[i]))
		case ends:
			v.end(int(l.of[i]))
			l.open = l.open[:len(l.open)-1]
		case set, tee:
			v.last++
			v.now[s.index] = v.last
		case jumps, jumpsIf, branches:
			for _, label := range l.e.labels[s.index : s.index+s.count] {
				v.way(l.open[len(l.open)-1-int(label)], i)
			}
			v.reached = s.kind == jumpsIf
		case stops:
			v.reached = false
		}
	}
}

// findAssigned makes the blocks, and tells what is set in each.
func (v *versions) findAssigned() {
	l := v.l
	for i := range l.e.steps {
		s := &l.e.steps[i]
		switch s.kind {
		case begins, loops, ifs:
			l.of[i] = int32(v.open(s.kind))
			l.blocks[l.of[i]].params = int(s.count)
		case elses:
			l.of[i] = int32(l.open[len(l.open)-1])
			l.blocks[l.of[i]].hasElse = true
		case set, tee:
			v.blocks[l.open[len(l.open)-1]].assigned.add(s.index)
		case ends:
			last := len(l.open) - 1
			l.of[i] = int32(l.open[last])
			if last > 0 {
				outer := v.blocks[l.open[last-1]].assigned
				for w, set := range v.blocks[l.open[last]].assigned {
					outer[w] |= set
				}
			}
			l.open = l.open[:last]
		}
	}
	l.open = append(l.open[:0], 0)
}

func (v *versions) open(k kind) int {
	l := v.l
	n := len(l.blocks)
	l.blocks = append(l.blocks, liveBlock{
		kind: k, label: l.newState(), end: l.newState(), other: l.newState(), fresh: l.newSet(),
	})
	v.blocks = append(v.blocks, versionBlock{assigned: l.newSet(), step: -1})
	l.open = append(l.open, n)
	return n
}

func (v *versions) begin(block int) {
	b := &v.blocks[block]
	switch v.l.blocks[block].kind {
	case ifs:
		b.entry = v.l.numbers.copy(v.now)
	case loops:
		copy(v.l.blocks[block].fresh, b.assigned)
		v.renew(b.assigned)
	}
}

// renew gives locals new values.
func (v *versions) renew(which set64) {
	for local := range v.now {
		if which.has(uint32(local)) {
			v.last++
			v.now[local] = v.last
		}
	}
}

func (v *versions) otherwise(block int) {
	b := &v.blocks[block]
	if v.reached {
		v.meet(block)
	}
	copy(v.now, b.entry)
	v.reached = true
}

// way leads from a branch to a block's end, or to a loop's head, which has new
// values whatever comes.
func (v *versions) way(block, step int) {
	b := &v.blocks[block]
	if v.l.blocks[block].kind == loops || b.step == step {
		return
	}
	b.step = step
	v.meet(block)
}

// meet brings the values of now to a block's end.
func (v *versions) meet(block int) {
	b := &v.blocks[block]
	if b.at == nil {
		b.at = v.l.numbers.copy(v.now)
		return
	}
	fresh := v.l.blocks[block].fresh
	for local, version := range v.now {
		if b.at[local] != version {
			fresh.add(uint32(local))
		}
	}
}

func (v *versions) end(block int) {
	b, live := &v.blocks[block], &v.l.blocks[block]
	if live.kind == loops {
		return // only its last part leads on
	}
	if v.reached {
		v.meet(block)
	}
	if live.kind == ifs && !live.hasElse {
		copy(v.now, b.entry)
		v.meet(block)
	}
	if v.reached = b.at != nil; v.reached {
		copy(v.now, b.at)
		v.renew(live.fresh)
	}
}
