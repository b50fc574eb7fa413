package module

import (
	"strings"
	"testing"
)

// manyBodies is a module of so many functions that each is of another part, but
// for those that are empty; change gives a body instructions before its end.
func manyBodies(n int, change func(i int) []byte) []byte {
	nops := make([]byte, partSize)
	for i := range nops {
		nops[i] = byte(OpcodeNop)
	}
	bodies := make([][]byte, n)
	types := make([][]byte, n)
	for i := range n {
		types[i] = raw(0)
		bodies[i] = body(noLocals, append(cat(nops, change(i)), byte(OpcodeEnd))...)
	}
	return file(oneType, section(SectionFunction, vec(types...)), section(SectionCode, vec(bodies...)))
}

func TestTheFirstMistakeIsToldWhoeverFindsIt(t *testing.T) {
	for range 20 {
		_, err := Admit(manyBodies(12, func(i int) []byte {
			if i == 3 || i > 6 {
				return raw(byte(OpcodeDrop))
			}
			return nil
		}), Bounds{})
		if err == nil || !strings.Contains(err.Error(), "function 3 has drop without an operand for it") {
			t.Fatalf("the error is %v", err)
		}
	}
}

// TestTheWorkOfAllPartsIsBounded has bodies that are within the bound, but one by
// one, and for each worker.
func TestTheWorkOfAllPartsIsBounded(t *testing.T) {
	none := func(int) []byte { return nil }
	one := units(t, manyBodies(1, none))
	const bodies = 12
	many := manyBodies(bodies, none)
	if _, err := Admit(many, Bounds{Work: bodies * one}); err != nil {
		t.Errorf("what is within the bound: %v", err)
	}
	_, err := Admit(many, Bounds{Work: bodies*one - 1})
	if err == nil || !strings.Contains(err.Error(), "function 11 makes the module too costly to compile") {
		t.Errorf("the error is %v", err)
	}
}

// units is what a module of one function is estimated at.
func units(t *testing.T, file []byte) int {
	t.Helper()
	m, err := Decode(file)
	if err != nil {
		t.Fatal(err)
	}
	c := newChecker(m, Unbounded())
	if err := c.body(m.Types[0], m.Codes[0]); err != nil {
		t.Fatal(err)
	}
	return c.spent
}

func TestPartsAreAllBodiesOnce(t *testing.T) {
	for _, n := range []int{0, 1, 2, 9} {
		m, err := Decode(manyBodies(n, func(int) []byte { return nil }))
		if err != nil {
			t.Fatal(err)
		}
		seen := make([]int, n)
		InParts(m.Parts(), func() func(Part) {
			return func(p Part) {
				for i := p.From; i < p.To; i++ {
					seen[i]++
				}
			}
		})
		for i, times := range seen {
			if times != 1 {
				t.Errorf("of %d bodies, %d is gone through %d times", n, i, times)
			}
		}
	}
}
