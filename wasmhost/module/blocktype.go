package module

// A BlockType is what a block takes and gives, as the file has it (section
// "control instructions"): an index into Types, or below zero the byte of the
// one result's type less 128, or NoResult.
type BlockType int64

// NoResult is the block type () -> ().
const NoResult BlockType = noResultByte - 0x80

const noResultByte = 0x40

// blockType reads a signed number of 33 bits. One below zero stands for a
// byte, which is how it must be written.
func (d *decoder) blockType() BlockType {
	from := d.at
	if d.left() == 0 {
		d.short()
		return NoResult
	}
	switch b := d.file[from]; {
	case b == noResultByte:
		d.at++
		return NoResult
	case b&0xc0 == noResultByte:
		return BlockType(d.valueType()) - 0x80
	}
	t := d.signed(33)
	if t < 0 {
		d.fail(from, "has a block type of an unknown form")
	}
	return BlockType(t)
}

// BlockType returns what a block takes and gives; false where it is of a
// type that is not there.
func (m *Module) BlockType(b BlockType) (FuncType, bool) {
	switch {
	case b == NoResult:
		return FuncType{}, true
	case b < 0:
		return FuncType{Results: single[ValueType(b+0x80)]}, true
	case b >= BlockType(len(m.Types)):
		return FuncType{}, false
	}
	return m.Types[b], true
}

// single has for every value type the list of it alone, so that no block
// needs one of its own.
var single = func() (lists [0x80][]ValueType) {
	for t := range valueTypeNames {
		lists[t] = []ValueType{t}
	}
	return lists
}()
