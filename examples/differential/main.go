// Command differential compares our sockets with CPython's. A case, which is
// a short script of socket calls, runs by python3's socket module, over
// package native, in memory, and in a guest in the sandbox; every line must
// have the same outcome: the same value, or the same exception and number.
//
// The cases in the folder cases were picked by hand; a generator makes others
// from a seed. The test runs all of the one and some of the other:
//
//	go test ./examples/differential
//
// The command goes on from a seed until it has found a difference, and makes
// that as short as it can be:
//
//	go run ./examples/differential -seed 1 -n 0
//
// The oracle is the python3 it is run with, never a recording. What differs
// on purpose is a list with reasons, differences.go.
package main

import (
	"errors"
	"flag"
	"fmt"
	"os"
)

func main() {
	seed := flag.Uint64("seed", 1, "the first seed")
	n := flag.Int("n", 300, "how many sequences to make, one a seed; 0 goes on until a difference is found")
	cases := flag.Bool("cases", false, "run the cases picked by hand instead")
	flag.Parse()
	if err := run(*seed, *n, *cases); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// errDiffers is the end of a run that has printed a difference.
var errDiffers = errors.New("our sockets differ from python3's")

func run(seed uint64, n int, byHand bool) error {
	s, err := newSuite()
	if err != nil {
		return err
	}
	defer s.close()
	if byHand {
		return runCases(s)
	}
	progress := func(done int) { fmt.Printf("%d sequences, no difference\n", done) }
	found, err := search{first: seed, n: n, progress: progress}.run(s)
	if err != nil || found == nil {
		return err
	}
	fmt.Println(found)
	return errDiffers
}

func runCases(s *suite) error {
	cases, err := allCases()
	if err != nil {
		return err
	}
	found, err := s.run(cases)
	for _, d := range found {
		fmt.Printf("%s\n\n", d)
	}
	fmt.Printf("%d cases, %d differences\n", len(cases), len(found))
	if err == nil && len(found) > 0 {
		return errDiffers
	}
	return err
}
