package main

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/cmd/sandsock/explain"
)

func newExplain(a *app) *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "explain WORD",
		Short: "what an error, a number or a call means, and how to see it now",
		Example: `  sandsock explain 10061                     a number, of any system
  sandsock explain ECONNREFUSED              its name
  sandsock explain ConnectionRefusedError    what Python raises
  sandsock explain listen                    a call`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return usage(c, "which word?")
			}
			return nil
		},
		RunE: func(c *cobra.Command, args []string) error {
			return a.explainWord(strings.Join(args, " "), asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print one JSON object")
	return c
}

func (a *app) explainWord(word string, asJSON bool) error {
	page, ok := explain.Look(word)
	switch {
	case !ok:
		return noPage(word)
	case asJSON:
		return json.NewEncoder(a.out).Encode(page)
	}
	a.print("%s", strings.TrimSuffix(page.Text, "\n"))
	return nil
}

func noPage(word string) error {
	f := &failure{code: exitUsage, text: "there is no page for " + strconv.Quote(word)}
	if near := explain.Suggest(word); len(near) > 0 {
		f.text += "; did you mean " + strings.Join(near, " or ") + "?"
	}
	f.next = "a number, an error's name, an exception or a call: sandsock explain recv"
	return f
}

// numbersAreWords moves the negative numbers of `sandsock explain -2` behind
// --, or they would be taken for flags.
func numbersAreWords(args []string) []string {
	isNumber := func(arg string) bool { return len(arg) > 1 && arg[0] == '-' && '0' <= arg[1] && arg[1] <= '9' }
	if len(args) == 0 || args[0] != "explain" || !slices.ContainsFunc(args, isNumber) || slices.Contains(args, "--") {
		return args
	}
	var rest, numbers []string
	for _, arg := range args {
		if isNumber(arg) {
			numbers = append(numbers, arg)
		} else {
			rest = append(rest, arg)
		}
	}
	return append(append(rest, "--"), numbers...)
}
