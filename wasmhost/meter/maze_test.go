package meter

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/module"
)

// maze writes one function of little but branches: an outer loop goes round,
// each time through blocks whose branches are taken by chance, rarely or
// nearly always, among runs of instructions of all lengths.
type maze struct {
	random *rand.Rand
	out    code
	labels []bool // the open blocks: whether a loop
	room   int
}

// The locals of a maze, after the parameter.
const (
	mazeChance = 1 // the last random number
	mazeRound  = 2
	mazeInner  = 3 // the first of inner loops' counters
	mazeLocals = 2 + 12
)

func newMaze(seed uint64) []byte {
	m := &maze{random: rand.New(rand.NewPCG(seed, 6)), room: 60}
	m.out.with(opLocalGet, 0)
	m.out.with(opLocalSet, mazeChance)
	m.out.i32(100)
	m.out.with(opLocalSet, mazeRound)
	m.out.op(opBlock, noResult, opLoop, noResult, opBlock, noResult)
	m.labels = []bool{false, true, false}
	m.parts(0)
	m.end()
	m.again(mazeRound)
	m.out.op(opEnd, opEnd)
	m.out.with(opLocalGet, mazeChance)
	return oneFunction(repeated(module.I32, mazeLocals), m.out)
}

// again goes back to the innermost head until a counter is zero.
func (m *maze) again(counter uint32) {
	m.out.with(opLocalGet, counter)
	m.out.i32(1)
	m.out.op(opI32Sub)
	m.out.with(opLocalTee, counter)
	m.out.with(opBrIf, 0)
}

func (m *maze) parts(depth int) {
	for range 1 + m.random.IntN(5) {
		if m.room--; m.room > 0 {
			m.part(depth)
		}
	}
}

func (m *maze) part(depth int) {
	switch n := m.random.IntN(12); {
	case n < 3 || depth > 8:
		m.run()
	case n < 6:
		m.maybe()
		m.out.with(opBrIf, m.label())
	case n == 6:
		m.maybe()
		m.out.op(opIf, noResult)
		m.inside(depth, func() {
			if m.random.IntN(2) == 0 {
				m.out.with(opBr, m.label())
			}
		})
	case n == 7:
		m.maybe()
		m.out.op(opIf, noResult)
		m.inside(depth, func() {
			m.out.op(opElse)
			m.parts(depth + 1)
		})
	case n == 8:
		counter := uint32(mazeInner + depth)
		m.out.i32(int32(1 + m.random.IntN(4)))
		m.out.with(opLocalSet, counter)
		m.out.op(opLoop, noResult)
		m.labels = append(m.labels, true)
		m.parts(depth + 1)
		m.again(counter)
		m.end()
	case n == 9:
		m.out.op(opBlock, noResult)
		m.inside(depth, func() {
			m.number()
			m.out.i32(3)
			m.out.op(0x71, 0x0e, 3) // i32.and, br_table
			for range 4 {
				m.out.u32(m.label())
			}
		})
	default:
		m.out.op(opBlock, noResult)
		m.inside(depth, func() {})
	}
}

func (m *maze) inside(depth int, last func()) {
	m.labels = append(m.labels, false)
	m.parts(depth + 1)
	last()
	m.end()
}

func (m *maze) end() {
	m.out.op(opEnd)
	m.labels = m.labels[:len(m.labels)-1]
}

// label is the end of an open block. Only what counts leads back to a head, and
// few ways lead out at once.
func (m *maze) label() uint32 {
	last := len(m.labels) - 1
	n := m.random.IntN(last + 1)
	if m.labels[last-n] || n == last && m.random.IntN(20) > 0 {
		n = last - 2 // the next round
	}
	return uint32(n)
}

// run is instructions one after another, few or many.
func (m *maze) run() {
	for range m.random.IntN(1 << m.random.IntN(9)) {
		m.out.with(opLocalGet, mazeChance)
		m.out.op(opDrop)
	}
}

// number makes the next random number.
func (m *maze) number() {
	m.out.with(opLocalGet, mazeChance)
	m.out.i32(1103515245)
	m.out.op(0x6c) // i32.mul
	m.out.i32(12345)
	m.out.op(opI32Add)
	m.out.with(opLocalTee, mazeChance)
	m.out.i32(16)
	m.out.op(0x76) // i32.shr_u
}

// maybe leaves a condition, of any likelihood.
func (m *maze) maybe() {
	m.number()
	m.out.i32(int32(1<<m.random.IntN(6) - 1))
	m.out.op(0x71) // i32.and
	if m.random.IntN(2) == 0 {
		m.out.op(0x45) // i32.eqz
	}
}

func TestACountIsWithinTwiceOfWhatMazesExecute(t *testing.T) {
	p := newPair(t)
	var w worst
	for seed := range seedsOf(800) {
		m := admitted(t, newMaze(seed))
		rewritten, err := p.start(Rewrite(m, Options{DispatchFrom: 1}), seed)
		check(t, err)
		counted, err := p.start(counting(m), seed)
		check(t, err)
		rewritten.most, counted.most = 1<<40, 1<<40
		for param := range uint64(3) {
			used, err := p.spent(rewritten, "run", []uint64{param})
			check(t, err)
			executed, err := p.spent(counted, "run", []uint64{param})
			check(t, err)
			w.note(t, fmt.Sprintf("seed %d, %d", seed, param), executed, used)
		}
		check(t, errors.Join(rewritten.module.Close(p.ctx), counted.module.Close(p.ctx)))
	}
	w.log(t)
}
