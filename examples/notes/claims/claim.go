package main

import "github.com/sandsock/sandsock/core"

// claim is a sentence of a text, and the experiment that decides it.
type claim struct {
	name   string // of its Python, python/NAME.py, and of its Go function
	file   string // where the Go function is
	source string // who says it, and where
	says   string // the claim, shortened
	test   string // what the experiment does
	by     string // the outcome if the claim were true
	fault  string // the verdict where the outcome is another
	truth  string // what is true instead, or besides

	ours func(core.Network) (string, error) // the experiment in Go; the outcome is one line
}

// open is the verdict that no page may have.
const open = "OPEN"

// measured is a claim with what came out.
type measured struct {
	claim
	python, ours string
}

// verdict is true where both outcomes are the claim's, and its fault where
// neither is. Otherwise Python and sandsock do not agree, or a claim that is
// expected to be true is not, and somebody has to look.
func (m measured) verdict() string {
	switch {
	case m.python == m.by && m.ours == m.by:
		return "true"
	case m.python != m.by && m.ours != m.by && m.fault != "":
		return m.fault
	}
	return open
}

// measure runs both experiments of a claim.
func measure(c claim, network core.Network) (measured, error) {
	ours, err := c.ours(network)
	if err != nil {
		return measured{}, err
	}
	python, err := runPython(c.name)
	return measured{c, python, ours}, err
}
