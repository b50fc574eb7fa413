package module

// A Custom is a custom section: bytes that the specification gives no
// meaning.
type Custom struct {
	Name string
	Data []byte // what follows the name
	// Offset is where Data starts in the file, in bytes.
	Offset int
	// After is the section before it that is not custom; SectionCustom where
	// there is none.
	After SectionID
}

// Custom returns the first custom section of a name.
func (m *Module) Custom(name string) (Custom, bool) {
	for _, c := range m.Customs {
		if c.Name == name {
			return c, true
		}
	}
	return Custom{}, false
}

// HasCustom reports whether there is a custom section of that name.
func (m *Module) HasCustom(name string) bool {
	_, ok := m.Custom(name)
	return ok
}

// custom reads a custom section (modules, section "custom section").
func (d *decoder) custom() {
	c := Custom{Name: d.name(), After: d.last, Offset: d.at}
	c.Data = d.bytes(uint32(d.left()))
	if len(d.m.Customs) == maxCustoms {
		d.fail(c.Offset, "has more than %d custom sections", maxCustoms)
		return
	}
	d.m.Customs = append(d.m.Customs, c)
}
