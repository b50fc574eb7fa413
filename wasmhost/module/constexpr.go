package module

// A ConstExpr is a constant expression. In the specification's version 2 a
// valid one is a single instruction, and its end.
type ConstExpr struct {
	Op Opcode
	// Value is the constant's bits (of an i32 the lower 32), the index of the
	// imported global or of the function, the byte of ref.null's type; 0 for
	// v128.const, whose sixteen bytes stand in Raw before the end.
	Value uint64
	Raw   []byte // as in the file, with the end
}

// V128 returns the sixteen bytes of a v128.const; nil of another expression.
func (e ConstExpr) V128() []byte {
	if e.Op != OpcodeV128Const || len(e.Raw) < 17 {
		return nil
	}
	return e.Raw[len(e.Raw)-17 : len(e.Raw)-1]
}

// constExpr reads a constant expression that must have the type want.
func (d *decoder) constExpr(want ValueType) ConstExpr {
	from := d.at
	e := ConstExpr{Op: d.opcode()}
	var t ValueType
	t, e.Value = d.constant(from, e.Op)
	if d.err == nil && t != want {
		d.fail(from, "has a constant of type %s where %s is needed", t, want)
	}
	d.constEnd()
	e.Raw = d.file[from:d.at:d.at]
	return e
}

// constant reads what follows the opcode of a constant instruction.
func (d *decoder) constant(from int, op Opcode) (ValueType, uint64) {
	switch op {
	case OpcodeI32Const:
		return I32, uint64(uint32(d.signed(32)))
	case OpcodeI64Const:
		return I64, uint64(d.signed(64))
	case OpcodeF32Const:
		return F32, uint64(d.fixed32())
	case OpcodeF64Const:
		return F64, d.fixed64()
	case OpcodeV128Const:
		d.bytes(16)
		return V128, 0
	case OpcodeRefNull:
		t := d.refType()
		return t, uint64(t)
	case OpcodeRefFunc:
		return FuncRef, uint64(d.funcIndex("a reference"))
	case OpcodeGlobalGet:
		return d.constGlobal(from)
	}
	d.notConstant(from, op)
	return 0, 0
}

// constEnd reads the end of a constant expression. A second instruction is
// valid only by the extension that adds arithmetic.
func (d *decoder) constEnd() {
	from := d.at
	op := d.opcode()
	if d.err != nil || op == OpcodeEnd {
		return
	}
	d.constant(from, op)
	d.lacks(from, "extended constant expressions", "a second instruction in a constant")
}

func (d *decoder) notConstant(from int, op Opcode) {
	switch op {
	case OpcodeEnd:
		d.fail(from, "has a constant expression without an instruction")
	case 0x6a, 0x6b, 0x6c, 0x7c, 0x7d, 0x7e: // add, sub, mul of i32 and i64
		d.lacks(from, "extended constant expressions", "arithmetic in a constant")
	case 0xfb:
		d.lacks(from, "garbage collection", "a constant that starts with 0xfb")
	default:
		d.fail(from, "has a constant expression with %s, which is not constant", op)
	}
}

// constGlobal reads the index of a global whose value is known before the
// module's own: an imported one that nothing sets (validation, section
// "constant expressions").
func (d *decoder) constGlobal(from int) (ValueType, uint64) {
	index := d.u32()
	s := &d.m.spaces
	t, ok := at(s.globals[:s.importedGlobals], index)
	switch {
	case !ok:
		d.fail(from, "has a constant that is global %d, but of imported ones it %s", index, only("global", "globals", s.importedGlobals))
	case t.Mutable:
		d.fail(from, "has a constant that is global %d, which is mutable", index)
	}
	return t.Value, uint64(index)
}
