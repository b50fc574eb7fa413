package module

import "fmt"

// A checker checks one function body after another. Its first mistake is kept
// in err, as a decoder's is.
type checker struct {
	m      *Module
	bounds Bounds
	named  []bool       // the functions that ref.func may name
	spent  int          // work, by all bodies that it has checked
	visit  func(*Instr) // a walker's; nil where there is none

	// Of the body being checked:
	reader Reader
	in     *Instr // the last instruction
	code   Code
	locals []ValueType // parameters first
	stack  []ValueType // operands
	frames []frame     // the function, then the blocks open in it
	work   work
	err    *Error
}

func newChecker(m *Module, b Bounds) *checker {
	c := &checker{m: m, bounds: b, named: make([]bool, m.NumFuncs())}
	for _, e := range m.Exports {
		if e.Kind == ExternFunc {
			c.named[e.Index] = true
		}
	}
	for _, e := range m.Elems {
		for _, f := range e.Funcs {
			c.named[f] = true
		}
		for _, x := range e.Exprs {
			c.name(x)
		}
	}
	for _, g := range m.Globals {
		c.name(g.Init)
	}
	return c
}

// name marks the function that a constant refers to.
func (c *checker) name(e ConstExpr) {
	if e.Op == OpcodeRefFunc {
		c.named[e.Value] = true
	}
}

// fail keeps the first mistake, found in the last instruction.
func (c *checker) fail(format string, args ...any) {
	if c.err == nil {
		c.err = &Error{Offset: c.in.Offset, Reason: fmt.Sprintf(format, args...)}
	}
}

// body checks a function of type t.
func (c *checker) body(t FuncType, code Code) *Error {
	c.start(t, code)
	for c.err == nil {
		in := c.reader.Next()
		if in == nil {
			break
		}
		c.in = in
		if c.visit != nil {
			c.visit(in)
		}
		c.instruction(in)
	}
	if err := c.reader.Err(); err != nil && c.err == nil {
		c.err = err.(*Error)
	}
	if len(c.frames) > 0 {
		c.fail("has too few ends for its blocks")
	}
	c.finish()
	return c.err
}

// start prepares for a body. What is bounded is bounded before it is made.
func (c *checker) start(t FuncType, code Code) {
	c.err, c.code, c.work = nil, code, work{values: t.numLocals(code)}
	c.in = &Instr{Offset: code.Offset}
	c.stack, c.frames, c.locals = c.stack[:0], c.frames[:0], append(c.locals[:0], t.Params...)
	c.atMost("bytes of instructions", len(code.Body), c.bounds.BodyBytes)
	c.atMost("locals and parameters", c.work.values, c.bounds.Locals)
	c.spend()
	if c.err != nil {
		return
	}
	for _, g := range code.Locals {
		for range g.Count {
			c.locals = append(c.locals, g.Type)
		}
	}
	c.reader.Reset(code)
	c.enter(OpcodeCall, FuncType{Results: t.Results})
}

// atMost bounds an amount.
func (c *checker) atMost(what string, have, most int) {
	if have > most {
		c.fail("has %d %s; at most %d are allowed", have, what, most)
	}
}

// numLocals returns the number of a function's parameters and locals.
func (t FuncType) numLocals(code Code) int {
	n := len(t.Params)
	for _, g := range code.Locals {
		n += int(g.Count)
	}
	return n
}

// nameFunc says which function: its index, and its name where it has one.
func (m *Module) nameFunc(function uint32) string {
	name := m.Names.Function(function)
	for _, e := range m.Exports {
		if name == "" && e.Kind == ExternFunc && e.Index == function {
			name = e.Name
		}
	}
	if name == "" {
		return fmt.Sprintf("function %d", function)
	}
	return fmt.Sprintf("function %d, %s,", function, quoted(name))
}
