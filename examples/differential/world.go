package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/examples/differential/script"
)

// world is a place where a case can run. It is for one goroutine.
type world struct {
	name  string
	run   func(lines []string) ([]string, error)
	close func() error
}

// localWorld runs cases in this process, each over a network of its own.
func localWorld(name string, network func() core.Network) *world {
	run := func(lines []string) ([]string, error) {
		return script.NewMachine(probing{network()}).Run(lines), nil
	}
	return &world{name: name, run: run, close: func() error { return nil }}
}

// caseBound is how long one case may take at the other end of a pipe.
const caseBound = 30 * time.Second

// remote is our end of the pipes to a world that reads cases and writes
// outcomes, as script.Serve does.
type remote struct {
	cases, outcomes *os.File
	lines           *bufio.Reader
}

// newRemote returns our end and the other.
func newRemote() (r *remote, stdin, stdout *os.File, err error) {
	stdin, cases, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, err
	}
	outcomes, stdout, err := os.Pipe()
	if err != nil {
		return nil, nil, nil, errors.Join(err, stdin.Close(), cases.Close())
	}
	return &remote{cases, outcomes, bufio.NewReader(outcomes)}, stdin, stdout, nil
}

func (r *remote) close() error { return errors.Join(r.cases.Close(), r.outcomes.Close()) }

func (r *remote) run(lines []string) ([]string, error) {
	if len(lines) == 0 {
		return nil, nil
	}
	if err := r.outcomes.SetReadDeadline(time.Now().Add(caseBound)); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(r.cases, strings.Join(lines, "\n")+"\n\n"); err != nil {
		return nil, err
	}
	var outcomes []string
	for {
		text, err := r.lines.ReadString('\n')
		text = strings.TrimSuffix(text, "\n")
		switch {
		case err != nil:
			return nil, fmt.Errorf("after %d of %d lines: %w", len(outcomes), len(lines), err)
		case text == "" && len(outcomes) != len(lines):
			return nil, fmt.Errorf("%d outcomes for %d lines", len(outcomes), len(lines))
		case text == "":
			return outcomes, nil
		}
		outcomes = append(outcomes, text)
	}
}
