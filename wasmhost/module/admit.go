package module

// Admit reads a module of which every part has been checked, function bodies
// included, and that keeps to the bounds: what it refuses, in one sentence,
// the engine need not see. Every error is an [*Error].
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
	c := newChecker(m, b)
	for i, code := range m.Codes {
		if err := c.body(m.Types[m.Funcs[i]], code); err != nil {
			err.Reason = m.nameFunc(uint32(m.NumImportedFuncs()+i)) + " " + err.Reason
			return err
		}
	}
	return nil
}
