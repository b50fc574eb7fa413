package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// A profile is what is known of a body before it is rewritten.
type profile struct {
	// segments are the costs of the runs of instructions between branches and
	// places where ways meet, in their order.
	segments []int32
	cost     int  // of all
	scratch  bool // has an instruction that [body.prepaid] does
	calls    bool // calls a function
}

// needs are what bodies need of the module; helpers in the order in which they
// are first used.
type needs struct {
	helpers []helperKey // of call_indirect where the table is dispatched
	have    map[helperKey]bool
	dirty   bool // see [rewriter.isDirty]
	tables  bool // see usesTable
}

func (n *needs) helper(key helperKey) {
	if n.have[key] {
		return
	}
	if n.have == nil {
		n.have = map[helperKey]bool{}
	}
	n.have[key] = true
	n.helpers = append(n.helpers, key)
}

// survey makes the profiles of all bodies. What they need must be there before
// the first is rewritten, since several are at once.
func (r *rewriter) survey() (all needs) {
	r.profiles = make([]profile, len(r.m.Codes))
	parts := r.m.Parts()
	each := make([]needs, len(parts))
	module.InParts(parts, func() func(module.Part) {
		var reader module.Reader
		return func(p module.Part) {
			segments := make([]int32, 0, p.Size/8)
			for i := p.From; i < p.To; i++ {
				reader.Reset(r.m.Codes[i])
				segments = r.profile(i, &reader, segments, &each[p.Index])
			}
		}
	})
	for _, n := range each {
		all.dirty = all.dirty || n.dirty
		all.tables = all.tables || n.tables
		for _, key := range n.helpers {
			all.helper(key)
		}
	}
	return all
}

// profile makes the profile of a body, and appends its segments to others.
func (r *rewriter) profile(i int, reader *module.Reader, segments []int32, n *needs) []int32 {
	p := &r.profiles[i]
	from := len(segments)
	segments = append(segments, 0)
	for in := reader.Next(); in != nil; in = reader.Next() {
		price := Cost(in.Op)
		segments[len(segments)-1] += int32(price)
		p.cost += price
		switch in.Op {
		case module.OpcodeCall:
			p.calls = true
		case module.OpcodeCallIndirect:
			p.calls = true
			n.helper(helperKey{in.Op, in.Index})
		case module.OpcodeMemoryInit, module.OpcodeTableInit, module.OpcodeTableCopy, module.OpcodeTableFill:
			p.scratch = true
		}
		n.dirty = n.dirty || r.isDirty(in)
		n.tables = n.tables || usesTable(in.Op)
		if key, ok := r.helperOf(in); ok {
			n.helper(key)
		}
		if endsSegment(in.Op) {
			segments = append(segments, 0)
		}
	}
	p.segments = segments[from:len(segments):len(segments)]
	return segments
}

func endsSegment(op module.Opcode) bool {
	switch op {
	case module.OpcodeBlock, module.OpcodeLoop, module.OpcodeIf, module.OpcodeElse, module.OpcodeEnd,
		module.OpcodeBr, module.OpcodeBrIf, module.OpcodeBrTable, module.OpcodeReturn, module.OpcodeUnreachable:
		return true
	}
	return false
}
