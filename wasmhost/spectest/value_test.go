package spectest

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// lanes returns the width of a value's parts in bits, and their texts: one
// part where it is no vector.
func (v value) lanes() (width int, texts []string) {
	if v.Type != "v128" {
		text, _ := v.Value.(string)
		return bitsOf(v.Type), []string{text}
	}
	for _, lane := range v.Value.([]any) {
		texts = append(texts, lane.(string))
	}
	return bitsOf(v.LaneType), texts
}

// bitsOf reads the width off the name of a type; a reference has the engine's
// 64 bits.
func bitsOf(name string) int {
	if bits, err := strconv.Atoi(strings.TrimLeft(name, "if")); err == nil {
		return bits
	}
	return 64
}

// words are a parameter as the engine takes it: one word, or of v128 two.
func (v value) words() []uint64 {
	if strings.HasSuffix(v.Type, "ref") {
		return []uint64{reference(v.Value.(string))}
	}
	width, texts := v.lanes()
	words := make([]uint64, (width*len(texts)+63)/64)
	for i, text := range texts {
		words[i*width/64] |= number(text, width) << (i * width % 64)
	}
	return words
}

// reference is a reference as the engine has it: zero is null.
func reference(text string) uint64 {
	if text == "null" {
		return 0
	}
	return number(text, 64) + 1
}

// number reads decimal digits, with a sign or without, as so many bits.
func number(text string, width int) uint64 {
	if n, err := strconv.ParseUint(text, 10, width); err == nil {
		return n
	}
	n, err := strconv.ParseInt(text, 10, width)
	if err != nil {
		panic(err)
	}
	return uint64(n) & (1<<width - 1)
}

// matches reports whether a result's words are what v says.
func (v value) matches(words []uint64) bool {
	if strings.HasSuffix(v.Type, "ref") {
		if text, ok := v.Value.(string); ok {
			return words[0] == reference(text)
		}
		return words[0] != 0 // any but null
	}
	width, texts := v.lanes()
	for i, text := range texts {
		got := words[i*width/64] >> (i * width % 64)
		if width < 64 {
			got &= 1<<width - 1
		}
		if !matchesLane(text, width, got) {
			return false
		}
	}
	return true
}

// matchesLane compares bits, or where it says so the form of a NaN: a
// canonical one has of its payload's bits the highest only, an arithmetic one
// has that and may have others.
func matchesLane(text string, width int, got uint64) bool {
	sign, quiet := uint64(1)<<(width-1), uint64(0x7fc0_0000)
	if width == 64 {
		quiet = 0x7ff8_0000_0000_0000
	}
	switch text {
	case "nan:canonical":
		return got&^sign == quiet
	case "nan:arithmetic":
		return got&quiet == quiet
	}
	return got == number(text, width)
}

// slots returns how many words the values take.
func slots(values []value) (n int) {
	for _, v := range values {
		n++
		if v.Type == "v128" {
			n++
		}
	}
	return n
}

// compare says how results differ from what is expected; empty where they do
// not.
func compare(expected []value, got []uint64) string {
	if want := slots(expected); len(got) != want {
		return fmt.Sprintf("gives %d words, want %d", len(got), want)
	}
	rest := got
	for i, v := range expected {
		n := slots([]value{v})
		if !v.matches(rest[:n]) {
			return fmt.Sprintf("gives %#x as result %d, want %s %v", rest[:n], i, v.Type, v.Value)
		}
		rest = rest[n:]
	}
	return ""
}

func words(values []value) []uint64 {
	var all [][]uint64
	for _, v := range values {
		all = append(all, v.words())
	}
	return slices.Concat(all...)
}
