package module

import "slices"

// anyType is the type of an operand in code that is never reached, which may
// have every type.
const anyType ValueType = 0

func (c *checker) push(types ...ValueType) {
	c.stack = append(c.stack, types...)
	if n := len(c.stack); n > c.work.height {
		c.work.height = n
		c.atMost("operands on its stack", n, c.bounds.Height)
	}
}

// pop takes an operand of any type.
func (c *checker) pop() ValueType {
	f := c.top()
	if c.err != nil || len(c.stack) == f.height {
		if !f.unreachable {
			c.fail("has %s without an operand for it", c.in.Op)
		}
		return anyType
	}
	last := len(c.stack) - 1
	t := c.stack[last]
	c.stack = c.stack[:last]
	return t
}

// want takes an operand that must be of type t.
func (c *checker) want(t ValueType) ValueType {
	f := c.top()
	if c.err == nil && !f.unreachable && len(c.stack) == f.height {
		c.fail("has %s where %s is missing", c.in.Op, t)
		return t
	}
	if got := c.pop(); got != t && got != anyType && t != anyType {
		c.fail("has %s on %s where %s is needed", c.in.Op, got, t)
	}
	return t
}

// wants takes operands, the last from the top.
func (c *checker) wants(types []ValueType) {
	for _, t := range slices.Backward(types) {
		c.want(t)
	}
}

// apply takes what a function takes and leaves what it gives.
func (c *checker) apply(t FuncType) {
	c.work.moved += len(t.Params) + len(t.Results)
	c.wants(t.Params)
	c.push(t.Results...)
}
