package module

// A Walker goes through function bodies of a checked module once more, for
// those who need to know what is on the operand stack before an instruction.
type Walker struct{ c *checker }

// NewWalker returns a walker of a module that [Module.Check] found in order.
func (m *Module) NewWalker() *Walker { return &Walker{newChecker(m, Unbounded())} }

// Walk calls visit before each instruction of the function m.Codes[i]: with
// the types of the operands, the last on top, and whether the instruction can
// be reached as far as its block tells. Neither argument is valid after visit.
func (w *Walker) Walk(i int, visit func(in *Instr, operands []ValueType, reachable bool)) {
	c := w.c
	c.spent = 0
	c.visit = func(in *Instr) { visit(in, c.stack, !c.top().unreachable) }
	c.body(c.m.Types[c.m.Funcs[i]], c.m.Codes[i])
}
