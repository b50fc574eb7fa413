package meter

import (
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/sandsock/sandsock/wasmhost/module"
)

func TestNoFrameOfARandomFunctionIsAboveItsEstimate(t *testing.T) {
	seeds := 200
	if testing.Short() {
		seeds = 20
	}
	for seed := range seeds {
		random := rand.New(rand.NewPCG(uint64(seed), 1))
		g := &frameGuest{random: random, locals: 2 + random.IntN(40)}
		g.statements(0, 20+random.IntN(60))
		m := admitted(t, shaped(repeated(module.I32, g.locals), g.out))
		t.Run("seed "+strconv.Itoa(seed), func(t *testing.T) { compareFrames(t, m) })
	}
}

// frameGuest writes a function of random statements over locals.
type frameGuest struct {
	random *rand.Rand
	locals int
	out    code
}

func (g *frameGuest) local() uint32 { return uint32(g.random.IntN(g.locals + 1)) }

func (g *frameGuest) statements(depth, n int) {
	for range n {
		g.statement(depth)
	}
}

func (g *frameGuest) statement(depth int) {
	choice := g.random.IntN(10)
	if (depth > 4 || len(g.out) > 10_000) && choice > 5 {
		choice -= 5
	}
	switch choice {
	case 0, 1, 2:
		g.expression(g.random.IntN(6))
		g.out.with(opLocalSet, g.local())
	case 3:
		g.expression(1)
		g.expression(2)
		g.out.op(0x36, 2, byte(g.random.IntN(100))) // i32.store
	case 4, 5:
		g.expression(2)
		g.out.with(opCall, 0)
		g.out.with(opLocalSet, g.local())
	case 6, 7:
		g.expression(2)
		g.out.op(opIf, noResult)
		g.inside(depth)
		if g.random.IntN(2) == 0 {
			g.out.op(opElse)
			g.inside(depth)
		}
		g.out.op(opEnd)
	case 8:
		g.out.op(opLoop, noResult)
		g.inside(depth)
		g.expression(2)
		g.out.with(opBrIf, 0)
		g.out.op(opEnd)
	case 9:
		g.dispatch(depth)
	}
}

func (g *frameGuest) inside(depth int) {
	g.statements(depth+1, 1+g.random.IntN(6))
}

// dispatch is a br_table to the ends of nested blocks, as Go's compiler has it.
func (g *frameGuest) dispatch(depth int) {
	const ways = 5
	for range ways {
		g.out.op(opBlock, noResult)
	}
	g.expression(1)
	g.out.op(opBrTable, ways-1, 0, 1, 2, 3, 4)
	for range ways {
		g.out.op(opEnd)
		g.inside(depth)
	}
}

func (g *frameGuest) expression(depth int) {
	if depth == 0 {
		g.out.with(opLocalGet, g.local())
		return
	}
	switch g.random.IntN(5) {
	case 0:
		g.out.i32(int32(g.random.Uint32()))
	case 1:
		g.expression(depth - 1)
		g.out.op(0x28, 2, byte(g.random.IntN(100))) // i32.load
	default:
		g.expression(depth - 1)
		g.expression(depth - 1)
		g.out.op(opI32Add + byte(g.random.IntN(3)))
	}
}
