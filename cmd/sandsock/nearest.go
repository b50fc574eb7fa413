package main

import "strings"

// didYouMean returns "; did you mean WORD?" for the word nearest to what was
// typed, empty where none is near.
func didYouMean(typed string, words []string) string {
	if near := nearest(typed, words); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}

// nearest allows one mistake in three letters, and a beginning. Of several
// that are as near it is the first in words.
func nearest(typed string, words []string) string {
	best, distance := "", max(1, len(typed)/3)+1
	for _, word := range words {
		d := editDistance(typed, word)
		if len(typed) > 1 && strings.HasPrefix(word, typed) {
			d = 1
		}
		if d < distance {
			best, distance = word, d
		}
	}
	return best
}

// editDistance counts insertions, deletions, changes, and swaps of two
// neighbours: the optimal string alignment.
func editDistance(a, b string) int {
	const longest = 64
	if len(a) > longest {
		return len(a)
	}
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
