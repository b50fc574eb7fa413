package module

import "sync/atomic"

// Admit reads a module of which every part has been checked, function bodies
// included, and that keeps to the bounds: what it refuses, in one sentence,
// the engine need not see. Every error is an [*Error]. It works on all
// processors, and lets others run between.
func Admit(file []byte, b Bounds) (*Module, error) {
	if most := b.withDefaults().FileBytes; len(file) > most {
		return nil, reason("has %d bytes; at most %d are allowed", len(file), most)
	}
	m, err := Decode(file)
	if err != nil {
		return nil, err
	}
	if err := m.Check(b); err != nil {
		return nil, err
	}
	return m, nil
}

// Check does what [Admit] adds to [Decode], but for the size of the file: it
// bounds the counts, and checks all instructions as the specification's
// appendix "validation algorithm" does: blocks, types, and every index
// against the module's own counts.
func (m *Module) Check(b Bounds) error {
	b = b.withDefaults()
	if err := m.checkCounts(b); err != nil {
		return err
	}
	if parts := m.Parts(); len(parts) > 1 && m.areValid(parts, b) {
		return nil
	}
	c := newChecker(m, b)
	for i, code := range m.Codes {
		if err := c.body(m.Types[m.Funcs[i]], code); err != nil {
			err.Reason = m.nameFunc(uint32(m.NumImportedFuncs()+i)) + " " + err.Reason
			return err
		}
	}
	return nil
}

// areValid checks bodies, several at once, and stops at any mistake: which is
// the first, and what was spent up to there, only who begins again can tell.
func (m *Module) areValid(parts []Part, b Bounds) bool {
	var wrong atomic.Bool
	var spent atomic.Int64
	InParts(parts, func() func(Part) {
		c := newChecker(m, b)
		return func(p Part) {
			for i := p.From; i < p.To && !wrong.Load(); i++ {
				err := c.body(m.Types[m.Funcs[i]], m.Codes[i])
				if err != nil || spent.Add(int64(c.work.units())) > int64(b.Work) {
					wrong.Store(true)
				}
			}
		}
	})
	return !wrong.Load()
}
