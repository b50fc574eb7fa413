package explain

import (
	"slices"
	"strconv"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/core/nearest"
)

// Suggest returns at most three words that have a page and are near to what
// was typed, the nearest first. It allows one mistake in three letters, and a
// beginning.
func Suggest(word string) []string {
	typed := fold(bare(word))
	limit := max(1, len(typed)/3)
	candidates := pages().names
	if n, _, ok := parseNumber(word); ok {
		typed, limit, candidates = strconv.Itoa(n), 1, numberWords()
	}
	return nearest.Within(typed, limit, candidates, fold)
}

// numberWords returns every number of a system that has a page.
func numberWords() (words []string) {
	var all []int
	for _, info := range core.Errnos {
		all = append(all, info.Linux, info.Darwin, info.Windows)
	}
	slices.Sort(all)
	for _, n := range slices.Compact(all) {
		if n != 0 {
			words = append(words, strconv.Itoa(n))
		}
	}
	return words
}
