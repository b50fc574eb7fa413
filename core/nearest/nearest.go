// Package nearest finds the word somebody meant: the names of commands,
// pages and host functions are all asked for by it, so that a mistake is
// judged alike everywhere.
package nearest

import (
	"cmp"
	"slices"
	"strings"
)

// longest is the longest word that is compared: no name here comes near it.
const longest = 64

// Words returns at most three of words that are near to what was typed, the
// nearest first and otherwise in their own order. Near is one mistake in three
// letters, or that one begins the other.
func Words(typed string, words []string) []string {
	return Within(typed, max(1, len(typed)/3), words, func(word string) string { return word })
}

// Word returns the nearest of words, empty where none is near.
func Word(typed string, words []string) string {
	if near := Words(typed, words); len(near) > 0 {
		return near[0]
	}
	return ""
}

// Guess returns "; did you mean WORD?", the end of a sentence that refuses what
// was typed; empty where no word is near.
func Guess(typed string, words []string) string {
	if near := Word(typed, words); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// Within is [Words] with a number of mistakes, for words that are compared as
// fold has them.
func Within(typed string, mistakes int, words []string, fold func(string) string) []string {
	type near struct {
		word     string
		distance int
	}
	if typed == "" || len(typed) > longest {
		return nil
	}
	var all []near
	for _, word := range words {
		d := distance(typed, fold(word))
		if begins(typed, fold(word), 2) || begins(fold(word), typed, 4) {
			d = min(d, 1)
		}
		if d <= mistakes {
			all = append(all, near{word, d})
		}
	}
	slices.SortStableFunc(all, func(a, b near) int { return cmp.Compare(a.distance, b.distance) })
	var found []string
	for _, n := range all[:min(3, len(all))] {
		found = append(found, n.word)
	}
	return found
}

// begins reports whether a is a beginning of b, and long enough to stand for
// it.
func begins(a, b string, least int) bool { return len(a) >= least && strings.HasPrefix(b, a) }

// distance counts insertions, deletions, changes, and swaps of neighbours: the
// optimal string alignment.
func distance(a, b string) int {
	var before, row []int
	next := make([]int, len(b)+1)
	for j := range next {
		next[j] = j
	}
	for i := range len(a) {
		before, row, next = row, next, make([]int, len(b)+1)
		next[0] = i + 1
		for j := range len(b) {
			change := row[j]
			if a[i] != b[j] {
				change++
			}
			next[j+1] = min(change, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && a[i] == b[j-1] && a[i-1] == b[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
	}
	return next[len(b)]
}
