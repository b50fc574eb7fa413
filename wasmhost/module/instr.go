package module

// An Instr is an instruction of a function body, as [Reader.Next] finds it.
// Of its fields those that its form of immediate has are set, and of the
// others the indices are 0.
type Instr struct {
	Op   Opcode
	Info *Instruction // of the table
	// Raw is its bytes, a part of the file, of which Offset is the first.
	Raw    []byte
	Offset int

	// Index is the label, function, local, global, table, memory or segment;
	// of table.copy and memory.copy the target, of call_indirect the type.
	Index uint32
	// Second is the source of table.copy and memory.copy, and the table of
	// call_indirect and table.init.
	Second uint32
	Block  BlockType
	// Labels are those of br_table, the last the default. They are valid up
	// to the next instruction.
	Labels []uint32
	// Value is a constant's bits (of an i32 the lower 32), or the offset of a
	// memory access.
	Value uint64
	Align uint32    // of a memory access, as a power of two
	Lane  byte      // of one lane
	Bytes []byte    // of v128.const and i8x16.shuffle, a part of Raw
	Type  ValueType // of ref.null and the typed select
}

// A Reader walks the instructions of a function body. It allocates nothing
// but room for the labels of br_table, once.
type Reader struct {
	d    decoder
	base int
	in   Instr
}

// Reader returns a reader at the first instruction.
func (c Code) Reader() *Reader {
	r := &Reader{}
	r.Reset(c)
	return r
}

// Reset starts the reader over at the first instruction of a body.
func (r *Reader) Reset(c Code) {
	r.d = decoder{file: c.Body, end: len(c.Body), part: "its body"}
	r.base = c.Offset
}

// Next reads the next instruction, which is valid up to the call after. It
// returns nil at the end of the body and where it is malformed. Only the form
// is checked, not what indices refer to, nor that every block ends.
func (r *Reader) Next() *Instr {
	d := &r.d
	if d.err != nil || d.at >= d.end {
		return nil
	}
	from := d.at
	op := d.opcode()
	info := &instructions[op.slot()]
	if info.Op != op || info.Name == "" {
		d.unknown(from, op)
		return nil
	}
	in := &r.in // what its form has not is left as it is: to clear all took a third of the time
	in.Op, in.Info, in.Offset, in.Index, in.Second = op, info, r.base+from, 0, 0
	if info.Immediate != NoImmediate {
		d.immediate(in)
	}
	if d.err != nil {
		return nil
	}
	in.Raw = d.file[from:d.at:d.at]
	return in
}

// Err returns what was wrong where Next stopped early, an [*Error] whose
// sentence lacks its subject, the function.
func (r *Reader) Err() error {
	if r.d.err == nil {
		return nil
	}
	return &Error{Offset: r.base + r.d.err.Offset, Reason: r.d.err.Reason}
}
