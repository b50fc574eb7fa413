// Command claims runs the experiments on what the study notes and two famous
// texts say, in python3 and over sandsock's sockets, and prints the page with
// the verdicts. It needs python3, the go command, and Linux for Linux's
// outcomes.
package main

import (
	"fmt"
	"os"

	"github.com/sandsock/sandsock/native"
)

func main() {
	all := make([]measured, len(claims))
	for i, c := range claims {
		m, err := measure(c, native.Network{})
		if err != nil {
			fmt.Fprintf(os.Stderr, "claim %s: %v\n", c.name, err)
			os.Exit(1)
		}
		all[i] = m
	}
	writePage(os.Stdout, all)
}
