package module

// Decode reads a module. The result refers to file, which must not change as
// long as the result is used. Every error is an [*Error].
//
// A file cut at the end of a section may still be a module, so that a caller
// who needs an export must look for it.
func Decode(file []byte) (*Module, error) {
	if err := checkHeader(file); err != nil {
		return nil, err
	}
	d := &decoder{file: file, at: headerSize, end: len(file), m: &Module{}}
	for d.err == nil && d.at < d.end {
		d.section()
	}
	d.complete()
	if d.err != nil {
		return nil, d.err
	}
	d.names()
	return d.m, nil
}

// complete looks for what two sections say about one another (modules,
// section "modules").
func (d *decoder) complete() {
	m := d.m
	if len(m.Funcs) != len(m.Codes) {
		d.fail(d.at, "declares functions (%d) but has no code section", len(m.Funcs))
	}
	if m.HasDataCount && int64(m.DataCount) != int64(len(m.Datas)) {
		d.fail(d.at, "has a data count of %d but a data section of length %d", m.DataCount, len(m.Datas))
	}
}
