package main

import "github.com/sandsock/sandsock/core/nearest"

// didYouMean returns "; did you mean WORD?" for the word nearest to what was
// typed, empty where none is near.
func didYouMean(typed string, words []string) string {
	if near := nearest.Word(typed, words); near != "" {
		return "; did you mean " + near + "?"
	}
	return ""
}
