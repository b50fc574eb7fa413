package meter

import "github.com/sandsock/sandsock/wasmhost/module"

// straight are functions with n of something, without ways that part but for
// loops.
var straight = []pressure{
	{"locals that live across calls", 1000, func(k numeric, n int) (s pressed) {
		s.locals = repeated(k.v, n)
		for round := range 3 {
			for i := range n {
				if round == 0 {
					k.from(&s.body, i*16)
				} else {
					s.body.with(opLocalGet, uint32(i))
				}
				s.body.with(opCall, k.call)
				s.body.with(opLocalSet, uint32(i))
			}
		}
		return s
	}},
	{"operands that wait for a call", 1000, func(k numeric, n int) (s pressed) {
		s.push(k, n)
		s.body.with(opCall, k.call)
		s.sum(k, n)
		return s
	}},
	{"operands without a call", 1000, func(k numeric, n int) (s pressed) {
		s.push(k, n)
		s.sum(k, n)
		return s
	}},
	{"one local, many calls", 5000, func(k numeric, n int) (s pressed) {
		s.locals = repeated(k.v, 1)
		for range n {
			s.body.with(opLocalGet, 0)
			s.body.with(opCall, k.call)
			s.body.with(opLocalSet, 0)
		}
		return s
	}},
	{"one local and a sum, many calls", 2500, func(k numeric, n int) (s pressed) {
		s.locals = repeated(k.v, 2)
		for range n {
			s.body.with(opLocalGet, 0)
			s.body.with(opCall, k.call)
			s.body.with(opLocalTee, 0)
			s.body.with(opLocalGet, 1)
			s.body.op(k.add...)
			s.body.with(opLocalSet, 1)
		}
		return s
	}},
	{"parameters and results", 30, func(k numeric, n int) (s pressed) {
		s.params, s.results = repeated(k.v, 4*n), repeated(k.v, n)
		for i := range 4 * n {
			s.body.with(opLocalGet, uint32(i))
		}
		s.body.with(opCall, 0)
		s.drop(n)
		for i := range n {
			s.body.with(opLocalGet, uint32(i))
		}
		return s
	}},
	{"a loop around a table of branches", 500, func(k numeric, n int) (s pressed) {
		s.locals = append(repeated(k.v, 20), module.I32)
		s.body.op(opLoop, noResult)
		for range n + 1 {
			s.body.op(opBlock, noResult)
		}
		s.body.with(opLocalGet, 20)
		s.body.op(opBrTable)
		s.body.u32(uint32(n))
		for i := range n + 1 {
			s.body.u32(uint32(i))
		}
		s.body.op(opEnd)
		for i := range n {
			from, to := uint32(i*7%20), uint32(i*11%20)
			s.body.with(opLocalGet, from)
			s.body.with(opLocalGet, to)
			s.body.op(k.add...)
			if i%3 == 0 {
				s.body.with(opCall, k.call)
			}
			s.body.with(opLocalSet, to)
			s.body.i32(int32(i * 13 % n))
			s.body.with(opLocalSet, 20)
			s.body.with(opBr, uint32(n-i))
			s.body.op(opEnd)
		}
		s.body.op(opEnd)
		return s
	}},
	{"values that live between loops", 300, func(k numeric, n int) (s pressed) {
		s.locals = append(repeated(k.v, n), module.I32)
		for round := range 4 {
			s.body.op(opLoop, noResult)
			for i := range n {
				if round == 0 {
					k.from(&s.body, i*16)
				} else {
					s.body.with(opLocalGet, uint32((i+round)%n))
					s.body.with(opLocalGet, uint32(i))
					s.body.op(k.add...)
				}
				s.body.with(opLocalSet, uint32(i))
			}
			s.body.with(opLocalGet, uint32(n))
			s.body.with(opBrIf, 0)
			s.body.op(opEnd)
		}
		return s
	}},
	{"addresses that are used again", 300, func(k numeric, n int) (s pressed) {
		return addresses(k, n, func(s *pressed) {
			s.body.with(opLocalGet, uint32(n))
			s.body.op(k.add...)
		})
	}},
	{"addresses that are used again after calls", 300, func(k numeric, n int) (s pressed) {
		return addresses(k, n, func(s *pressed) { s.body.with(opCall, k.call) })
	}},
}

// addresses reads from n addresses again and again, and does something with
// each value, which local n then has.
func addresses(k numeric, n int, do func(s *pressed)) (s pressed) {
	s.locals = append(repeated(module.I32, n), k.v)
	s.fill(numerics[0], n, 16)
	for round := range 3 {
		for i := range n {
			s.body.with(opLocalGet, uint32(i))
			s.body.op(k.load...)
			s.body.u32(uint32(round * 64))
			do(&s)
			s.body.with(opLocalSet, uint32(n))
		}
	}
	return s
}
