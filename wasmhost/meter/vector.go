package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// This file makes the functions by which a host gets and sets a module's
// mutable globals of v128. Only the host calls them: a guest cannot name them,
// and they pay nothing.

// vectors injects the functions, where there is anything for them to do.
func (r *rewriter) vectors() {
	s := &r.snap
	if s.Vectors = len(r.vectorGlobals()); s.Vectors == 0 {
		return
	}
	s.GetVector, s.SetVector = freeName(r.m, "sandsock.getvector"), freeName(r.m, "sandsock.setvector")
	r.need(helperKey{op: vectorGetter})
	r.need(helperKey{op: vectorSetter})
}

// vectorGlobals are the indices of the globals, in the order of their numbers.
func (r *rewriter) vectorGlobals() (indices []uint32) {
	for i, g := range r.m.Globals {
		if g.Type.Mutable && g.Type.Value == module.V128 {
			indices = append(indices, uint32(i))
		}
	}
	return indices
}

// The vector instructions, without their first byte.
const (
	opVector           = 0xfd
	opI64x2Splat       = 0x12
	opI64x2ExtractLane = 0x1d
	opI64x2ReplaceLane = 0x1e
)

func (r *rewriter) vectorGetter() helper {
	c := code{0}
	choose(&c, 0, r.vectorGlobals(), func(global uint32) {
		for lane := range byte(2) {
			c.with(opGlobalGet, global)
			c.op(opVector, opI64x2ExtractLane, lane)
		}
		c.op(opReturn)
	})
	c.op(opUnreachable, opEnd)
	return helper{name: Module + ".getvector", typ: r.typeIndex(module.FuncType{
		Params: []module.ValueType{module.I32}, Results: []module.ValueType{module.I64, module.I64},
	}), body: c}
}

func (r *rewriter) vectorSetter() helper {
	const low, high = 1, 2
	c := code{0}
	choose(&c, 0, r.vectorGlobals(), func(global uint32) {
		c.with(opLocalGet, low)
		c.op(opVector, opI64x2Splat)
		c.with(opLocalGet, high)
		c.op(opVector, opI64x2ReplaceLane, 1)
		c.with(opGlobalSet, global)
	})
	c.op(opEnd)
	return helper{name: Module + ".setvector", typ: r.typeIndex(module.FuncType{
		Params: []module.ValueType{module.I32, module.I64, module.I64},
	}), body: c}
}

// choose appends what do does of the one that the first local is the number
// of, from first on. It halves them, so that many cost neither depth nor time.
func choose(c *code, first int, of []uint32, do func(uint32)) {
	if len(of) == 1 {
		do(of[0])
		return
	}
	half := len(of) / 2
	c.with(opLocalGet, 0)
	c.i32(int32(first + half))
	c.op(opI32LtU, opIf, noResult)
	choose(c, first, of[:half], do)
	c.op(opElse)
	choose(c, first+half, of[half:], do)
	c.op(opEnd)
}
