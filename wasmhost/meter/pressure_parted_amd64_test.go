package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// parted are functions with n of something where ways part and meet, and
// others.
var parted = []pressure{
	{"blocks that take and give many", 24, func(k numeric, n int) (s pressed) {
		s.carried(k, n)
		s.push(k, n)
		for i := range 100 {
			numerics[0].from(&s.body, 4000+i)
			s.begin(opIf)
			s.body.op(k.add...)
			k.from(&s.body, i)
			if i%5 == 0 {
				s.body.with(opCall, k.call)
			}
			s.body.op(opElse)
			s.begin(opLoop)
			s.branchIf(8000 + i)
			s.body.op(opEnd, opEnd)
		}
		s.drop(n)
		return s
	}},
	{"locals that a condition sets", 200, func(k numeric, n int) (s pressed) {
		s.locals = repeated(k.v, n)
		for i := range 3 * n {
			numerics[0].from(&s.body, i)
			s.body.op(opIf, noResult)
			k.from(&s.body, i)
			s.body.with(opLocalGet, uint32(i*5%n))
			s.body.op(k.add...)
			s.body.with(opLocalSet, uint32(i*3%n))
			s.body.op(opEnd)
		}
		s.body.with(opCall, callNone)
		s.use(n)
		return s
	}},
	{"conditions that repeat a loop", 200, func(k numeric, n int) (s pressed) {
		s.locals = repeated(k.v, n)
		s.body.op(opLoop, noResult)
		s.fill(k, n, 1)
		for i := range 2 * n {
			s.branchIf(i)
		}
		s.body.op(opEnd)
		s.use(n)
		return s
	}},
	{"conditions that repeat a loop, and turn its values", 200, func(k numeric, n int) (s pressed) {
		s.locals = repeated(k.v, n)
		s.body.op(opLoop, noResult)
		for i := range n {
			s.body.with(opLocalGet, uint32(i))
		}
		for i := range n {
			s.body.with(opLocalSet, uint32(i))
		}
		for i := range 2 * n {
			s.branchIf(i)
		}
		s.body.op(opEnd)
		return s
	}},
	{"a loop with parameters that is repeated", 24, func(k numeric, n int) (s pressed) {
		s.carried(k, n)
		s.push(k, n)
		s.begin(opLoop)
		for i := range 100 {
			s.body.op(k.add...)
			k.from(&s.body, i)
			s.branchIf(i)
		}
		s.body.op(opEnd)
		s.drop(n)
		return s
	}},
	{"charges among values that live", 40, func(k numeric, n int) (s pressed) {
		s.locals = repeated(module.I64, n)
		s.fill(numerics[1], n, 8)
		s.body.op(opBlock, noResult)
		for round := range 400 {
			s.body.i32(0)
			for i := range n {
				s.body.with(opLocalGet, uint32((i+round)%n))
				s.body.op(0xa7, 0x6a) // wrap, add
			}
			if round%4 == 3 {
				s.body.op(opIf, noResult)
				s.body.i32(1)
				s.body.op(opGlobalSet, 0, opEnd)
			} else {
				s.body.with(opBrIf, 0)
			}
		}
		s.body.op(opEnd)
		s.use(n)
		return s
	}},
	{"conditions that leave a block", 200, func(k numeric, n int) (s pressed) {
		s.locals = repeated(k.v, n)
		for round := range 3 {
			s.body.op(opBlock, noResult)
			for i := range n {
				s.branchIf(i)
				k.from(&s.body, i)
				s.body.with(opLocalSet, uint32((i+round)%n))
			}
			s.body.op(opEnd)
			for i := range n {
				s.body.with(opLocalGet, uint32(i))
				s.body.with(opCall, k.call)
				s.drop(1)
			}
		}
		return s
	}},
	{"bulk instructions among operands", 100, func(k numeric, n int) (s pressed) {
		for i := range n {
			k.from(&s.body, i*16)
			for range 3 {
				numerics[0].from(&s.body, i)
			}
			switch i % 5 {
			case 0:
				s.body.misc(module.OpcodeMemoryFill, 0)
			case 1:
				s.body.misc(module.OpcodeMemoryCopy, 0, 0)
			case 2:
				s.body.misc(module.OpcodeMemoryInit, 0, 0)
			case 3:
				s.body.misc(module.OpcodeTableCopy, 0, 0)
			default:
				s.body.misc(module.OpcodeTableInit, 0, 0)
			}
		}
		s.drop(n)
		return s
	}},
	{"indirect calls among operands", 300, func(k numeric, n int) (s pressed) {
		for i := range n {
			k.from(&s.body, i*16)
			k.from(&s.body, i*16)
			numerics[0].from(&s.body, i)
			s.body.op(0x11)
			s.body.u32(k.call)
			s.body.u32(0)
		}
		s.sum(k, 2*n)
		return s
	}},
	{"constants that wait", 1000, func(k numeric, n int) (s pressed) {
		for i := range n {
			s.body.i64(int64(i) * 0x1234567890)
		}
		s.body.with(opCall, callNone)
		s.sum(numerics[1], n)
		return s
	}},
	{"divisions, shifts and conversions", 300, func(k numeric, n int) (s pressed) {
		s.locals = repeated(module.I64, n)
		for i := range 3 * n {
			get := func(by int) { s.body.with(opLocalGet, uint32((i*7+by)%n)) }
			get(0)
			get(1)
			s.body.op(0x80, opLocalTee, byte(i%min(n, 100))) // div_u
			get(2)
			s.body.op(0x88)       // shr_u
			s.body.op(0xba, 0xb0) // to a float and back
			get(5)
			get(3)
			get(4)
			s.body.op(0x82, 0xa7, 0x1b) // rem_u, wrap_i64, select
			s.body.with(opLocalSet, uint32(i%n))
		}
		return s
	}},
	{"globals and sizes among operands", 500, func(k numeric, n int) (s pressed) {
		for range n {
			s.body.op(opGlobalGet, 0, opMemorySize, 0)
		}
		for range 2*n - 1 {
			s.body.op(opI32Add, opGlobalSet, 0, opGlobalGet, 0)
		}
		s.drop(1)
		return s
	}},
	{"roundings among operands", 300, func(k numeric, n int) (s pressed) {
		for i := range n {
			numerics[2].from(&s.body, i*8)
			s.body.op(0x9b + byte(i%4))
		}
		s.sum(numerics[2], n)
		return s
	}},
}
