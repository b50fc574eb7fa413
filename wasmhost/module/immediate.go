package module

// immediate reads what follows the opcode (section "instructions").
func (d *decoder) immediate(in *Instr) {
	switch in.Info.Immediate {
	case BlockImmediate:
		in.Block = d.blockType()
	case LabelImmediate, FuncImmediate, LocalImmediate, GlobalImmediate,
		TableImmediate, ElemImmediate, DataImmediate:
		in.Index = d.u32()
	case TypeImmediate, InitImmediate, TablesImmediate:
		in.Index, in.Second = d.u32(), d.u32()
	case LabelsImmediate:
		d.labels(in)
	case MemInitImmediate:
		in.Index = d.u32()
		d.onlyMemory()
	case MemoryImmediate:
		d.onlyMemory()
	case MemoriesImmediate:
		d.onlyMemory()
		d.onlyMemory()
	case MemargImmediate, MemargLaneImmediate, LaneImmediate, ShuffleImmediate:
		d.access(in)
	case TypesImmediate:
		d.selectType(in)
	case RefTypeImmediate:
		in.Type = d.refType()
	default:
		d.literal(in)
	}
}

// literal reads the bits of a constant.
func (d *decoder) literal(in *Instr) {
	switch in.Info.Immediate {
	case I32Immediate:
		in.Value = uint64(uint32(d.signed(32)))
	case I64Immediate:
		in.Value = uint64(d.signed(64))
	case F32Immediate:
		in.Value = uint64(d.fixed32())
	case F64Immediate:
		in.Value = d.fixed64()
	case V128Immediate:
		in.Bytes = d.bytes(16)
	}
}

// labels reads those of br_table and its default.
func (d *decoder) labels(in *Instr) {
	in.Labels = in.Labels[:0]
	for range d.count(list{"labels", 1, maxLabels}) + 1 {
		in.Labels = append(in.Labels, d.u32())
	}
}

// onlyMemory reads the index of a memory, which version 2 encodes as a byte.
func (d *decoder) onlyMemory() {
	from := d.at
	if b := d.byte(); b != 0 {
		d.lacks(from, "multiple memories", "the index of a memory that is not the byte 0x00")
	}
}

// access reads how an instruction addresses memory, lanes or both.
func (d *decoder) access(in *Instr) {
	if in.Info.Immediate == MemargImmediate || in.Info.Immediate == MemargLaneImmediate {
		d.memarg(in)
	}
	switch in.Info.Immediate {
	case LaneImmediate, MemargLaneImmediate:
		in.Lane = d.lane(in.Info)
	case ShuffleImmediate:
		from := d.at
		in.Bytes = d.bytes(16)
		d.at = from
		for range in.Bytes {
			d.lane(in.Info)
		}
	}
}

// alignMemory is the bit of an alignment that version 3 gives a meaning: the
// index of a memory follows.
const alignMemory = 1 << 6

func (d *decoder) memarg(in *Instr) {
	from := d.at
	in.Align = d.u32()
	switch {
	case in.Align&^(alignMemory-1) == alignMemory:
		d.lacks(from, "multiple memories", "a memory access that names its memory")
	case in.Align > uint32(in.Info.align):
		d.fail(from, "has %s aligned to 2 to the power of %d; at most %d is allowed", in.Op, in.Align, in.Info.align)
	}
	in.Value = uint64(d.u32())
}

func (d *decoder) lane(i *Instruction) byte {
	from := d.at
	lane := d.byte()
	if lane >= i.lanes {
		d.fail(from, "has %s of lane %d, but there are only lanes 0 to %d", i.Name, lane, i.lanes-1)
	}
	return lane
}

// selectType reads a vector of value types, which must have one.
func (d *decoder) selectType(in *Instr) {
	from := d.at
	if n := d.byte(); n != 1 {
		d.fail(from, "has a select of other than one value")
	}
	in.Type = d.valueType()
}
