package module

const producersSection = "producers"

// Languages returns the source languages that the producers section names
// (tool conventions, "producers section"): Go, C11, Rust. Nothing where there
// is none or it is malformed: it is the toolchain's word, and may be stripped.
func (m *Module) Languages() []string {
	c, ok := m.Custom(producersSection)
	if !ok {
		return nil
	}
	d := &decoder{file: c.Data, end: len(c.Data), part: "the producers section", m: m}
	var languages []string
	vector(d, list{"fields", 2, maxCustomEntries}, func() string {
		field := d.name()
		values := vector(d, list{"values", 2, maxCustomEntries}, func() string {
			value := d.name()
			d.name() // its version
			return value
		})
		if field == "language" {
			languages = append(languages, values...)
		}
		return field
	})
	if d.err != nil {
		return nil
	}
	return languages
}

// maxCustomEntries bounds the lists of a section that is for tools to read.
const maxCustomEntries = 1000
