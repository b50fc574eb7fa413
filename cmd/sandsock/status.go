package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/sandsock/sandsock/cmd/sandsock/control"
)

// status is `sandsock status`.
type status struct {
	asking
	json, watch bool
}

func newStatus(a *app) *cobra.Command {
	s := status{asking: asking{app: a}}
	c := &cobra.Command{
		Use:   "status",
		Short: "what a server that runs serves, and has done",
		Example: `  sandsock status
  sandsock status --watch        again every second
  sandsock status --json | jq '.routes[].open'`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error { return s.run() },
	}
	s.add(c)
	c.Flags().BoolVar(&s.json, "json", false, "print one JSON object")
	c.Flags().BoolVar(&s.watch, "watch", false, "again every second, until interrupted or the server has ended")
	return c
}

func (s *status) run() error {
	path, err := s.server()
	if err != nil {
		return err
	}
	now, err := s.get(path)
	if err != nil {
		return err
	}
	if err := s.show(now); err != nil || !s.watch {
		return err
	}
	return s.follow(path)
}

func (s *status) get(path string) (control.Status, error) {
	a, err := s.ask(path, control.Request{Do: control.DoStatus})
	switch {
	case err != nil:
		return control.Status{}, err
	case a.Status == nil:
		return control.Status{}, control.ErrGone
	}
	return *a.Status, nil
}

func (s *status) follow(path string) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-s.app.drain.Done():
			return nil
		case <-tick.C:
		}
		now, err := s.get(path)
		switch {
		case s.app.drain.Err() != nil:
			return nil
		case errors.Is(err, control.ErrNobody) || errors.Is(err, control.ErrGone):
			s.app.say("the server has ended")
			return nil
		case err != nil:
			return err
		}
		if err := s.show(now); err != nil {
			return err
		}
	}
}

func (s *status) show(now control.Status) error {
	a := s.app
	if s.json {
		return a.printJSON(now)
	}
	if s.watch && isTerminal(a.out.Writer) {
		a.print("\x1b[H\x1b[2J")
	}
	state := "serves"
	if now.Draining {
		state = "drains"
	}
	a.print("process %d %s for %s: %s, %s of memory", now.PID, state, since(now.Began),
		plural(now.Instances, "instance"), size(now.Memory))
	for _, b := range now.Before {
		s.printBefore(b)
	}
	for _, r := range now.Routes {
		a.printRoute(r)
	}
	switch {
	case s.watch:
	case now.Draining:
		a.next("sandsock drain --cut"+s.named(), "stop the connections that are left")
	case len(now.Routes) > 0 && now.Routes[0].Gone == 0:
		a.next("sandsock swap "+now.Routes[0].Name+" FILE"+s.named(), "another handler, from the next connection on")
	}
	return a.out.err
}

func since(began time.Time) time.Duration { return max(0, time.Since(began)).Round(time.Second) }

// printRoute prints what a server tells of a route. It is ours, but a plugin's
// name is its file's.
func (a *app) printRoute(r control.Route) {
	name := a.onOut.name(printable(r.Name))
	if r.Gone > 0 {
		name += " is gone from the plan, and drains"
	}
	a.print("%s", name)
	for i, v := range r.Versions {
		text := fmt.Sprintf("version %d, %s, %s", v.Number, nameOf(v), plural(v.Open, "connection"))
		switch {
		case v.Aside:
			text = a.onOut.bad(text + ", set aside since it traps again and again")
		case i > 0:
			text += " left"
		}
		a.print("  %s", text)
	}
	a.print("  %s so far, %d failed, of which %d trapped, %d stopped, %d refused", plural(r.Connections, "connection"), r.Failed, r.Traps, r.Stopped, r.Refused)
	a.print("  %s in, %s out, %s executed, %s", size(r.Received), size(r.Sent), plural(r.Fuel, "instruction"), plural(r.Swaps, "swap"))
	if r.LastRefused != "" {
		a.print("  %s", a.onOut.bad("the last swap was refused: "+printable(r.LastRefused)))
	}
}

// nameOf tells a version's file: its name, and as much of its digest as nobody
// confuses.
func nameOf(v control.Version) string {
	return printable(filepath.Base(v.Handler)) + " " + v.Digest[:min(12, len(v.Digest))]
}

func (a *app) printJSON(v any) error {
	if err := json.NewEncoder(a.out).Encode(v); err != nil && a.out.err == nil {
		return err
	}
	return nil
}
