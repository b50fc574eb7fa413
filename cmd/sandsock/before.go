package main

import (
	"context"
	"os"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
)

// This file is how one sees a server drain that was succeeded: it answers beside
// the path that it had, and whoever succeeded it knows where.

// standAside begins to answer beside the path that is the successor's from now
// on.
func (c *controlled) standAside() {
	aside, err := control.ListenBeside(c.server.Path(), c.answer)
	if err != nil {
		c.trouble("drains, and cannot be asked: " + err.Error())
		return
	}
	c.aside = aside
}

// allBefore is who drains once this process was succeeded, itself first.
func (c *controlled) allBefore() []control.Before {
	if c.aside == nil {
		return c.stillBefore()
	}
	return append([]control.Before{{PID: os.Getpid(), Control: c.aside.Path()}}, c.stillBefore()...)
}

// stillBefore is who drains of those that this process succeeded.
func (s *service) stillBefore() (all []control.Before) {
	s.mu.Lock()
	before := s.before
	s.mu.Unlock()
	for _, b := range before {
		if control.Answers(b.Control) {
			all = append(all, b)
		}
	}
	return all
}

// printBefore tells how a process drains that was succeeded, unless it has
// ended.
func (s *status) printBefore(b control.Before) {
	ctx, cancel := context.WithTimeout(s.app.drain, control.Patience)
	defer cancel()
	answer, err := control.AskOnce(ctx, b.Control, control.Request{Do: control.DoStatus})
	left := "does not answer"
	switch {
	case err == nil && answer.Status != nil:
		left = "drains " + plural(answer.Status.Open(), "connection")
	case ctx.Err() == nil:
		return
	}
	s.app.print("process %d, which it succeeded, %s: sandsock status --control %s", b.PID, left, escaped(b.Control))
}
