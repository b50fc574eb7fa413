package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/wasmhost"
)

// attack is a case of the table: a plugin that attacks, on a host in a process
// of its own. It is made twice, with the defence and without. Meanwhile a
// healthy neighbour is asked and garbage is collected, again and again: with
// the defence both go on as ever, and without it, or what do wants, they must
// not.
type attack struct {
	id      string
	spec    hostSpec
	without wasmhost.Defences // 0 where there is none to leave out
	always  string            // why there is none
	// do attacks and says what came of it, in some words; the error is what it
	// should not have been.
	do func(h *hostProcess) (string, error)
	// answers is how long the neighbour may take, where that is not
	// neighbourAnswers.
	answers time.Duration
}

const (
	neighbourAnswers = 250 * time.Millisecond
	collectionTakes  = time.Second
	tooMuch          = 1200 // MiB: a host that takes more is ended
)

func (a attack) run(t *testing.T) {
	t.Helper()
	with := a.held(t)
	without := faults.Always(cmp.Or(a.always, "another case has it"))
	if a.without != 0 && !testing.Short() {
		a.spec.Without = a.without
		said, err := a.outcome(t)
		if err == nil {
			t.Fatalf("nothing is different without the defence: %s", said)
		}
		without = said + ": " + err.Error()
	}
	faults.Row(t, a.id, with, without)
}

// held is the outcome with the defence.
func (a attack) held(t *testing.T) string {
	t.Helper()
	return tried(t, func() (string, error) { return a.outcome(t) })
}

// tried is what an attack that must be held comes to. A machine that has much
// else to do may be slow once, or twice; a defence that does not hold fails each
// time.
func tried(t *testing.T, attack func() (string, error)) string {
	t.Helper()
	const tries = 3
	for try := 1; ; try++ {
		with, err := attack()
		switch {
		case err == nil:
			return with
		case try == tries:
			t.Errorf("with the defence: %s: %v", with, err)
			return with
		}
		t.Logf("once more, after %s: %v", with, err)
	}
}

// outcome makes the attack once.
func (a attack) outcome(t *testing.T) (string, error) {
	t.Helper()
	h, refused := startHost(t, a.spec)
	if refused != "" {
		return "refused", errors.New(refused)
	}
	defer h.kill()
	if a.without != 0 && a.spec.Without == a.without {
		h.late = lateWithout
	}
	watch := h.watch(cmp.Or(a.answers, neighbourAnswers))
	said, err := a.do(h)
	watched, watchErr := watch.end()
	if err == nil && watchErr == nil {
		err = h.close()
	}
	if !h.alive() {
		err = errors.Join(err, errors.New("the process died: "+firstLine(h.stderr.String())))
	}
	return said + ", " + watched, oneLine(errors.Join(err, watchErr))
}

// close ends the host in order, whatever its guests do.
func (h *hostProcess) close() error {
	answer, ok := h.order(order{Close: true}, h.late)
	switch {
	case !ok:
		return fmt.Errorf("the host did not close for %v", h.late)
	case answer.Refused != "":
		return errors.New(answer.Refused)
	}
	return nil
}

func oneLine(err error) error {
	if err == nil {
		return nil
	}
	return errors.New(strings.ReplaceAll(err.Error(), "\n", ", "))
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// vigil is what goes on beside an attack: the neighbour's clients, collections
// of garbage, and a bound on the host's memory.
type vigil struct {
	h    *hostProcess
	over chan struct{}
	all  sync.WaitGroup

	// Each is one goroutine's until all have ended.
	neighbour  faults.Neighbour
	collection time.Duration // the worst
	errs       [3]error
}

func (h *hostProcess) watch(answers time.Duration) *vigil {
	w := h.watchNeighbour(answers, h.visitNeighbour)
	w.all.Go(func() { w.errs[1] = w.each(20*time.Millisecond, w.collect) })
	w.all.Go(func() { w.errs[2] = w.each(5*time.Millisecond, w.weigh) })
	return w
}

// watchNeighbour is the part of a vigil that costs the host next to nothing.
func (h *hostProcess) watchNeighbour(answers time.Duration, visit func() error) *vigil {
	w := &vigil{h: h, neighbour: faults.Neighbour{Visit: visit, Within: answers}, over: make(chan struct{})}
	w.all.Go(func() { w.errs[0] = w.each(5*time.Millisecond, w.neighbour.Ask) })
	return w
}

// beside watches the neighbour of a test that has a course of its own. The
// function it returns ends that and says how the neighbour fared.
func (h *hostProcess) beside(visit func() error) (end func() (string, error)) {
	return h.watchNeighbour(neighbourAnswers, visit).fared
}

// fared ends a watch that was of the neighbour alone.
func (w *vigil) fared() (string, error) {
	_, err := w.end()
	return fmt.Sprint("neighbour ", short(w.neighbour.Slowest)), err
}

func (h *hostProcess) visitNeighbour() error { return visit(h.addresses[len(h.addresses)-1]) }

// each does something, with pauses, until the watch is over or it fails.
func (w *vigil) each(pause time.Duration, do func() error) error {
	tick := time.NewTicker(pause)
	defer tick.Stop()
	for {
		if err := do(); err != nil {
			return err
		}
		select {
		case <-tick.C:
		case <-w.over:
			return nil
		}
	}
}

func (w *vigil) end() (string, error) {
	close(w.over)
	w.all.Wait()
	return fmt.Sprintf("neighbour %v, collection %v", short(w.neighbour.Slowest), short(w.collection)), errors.Join(w.errs[:]...)
}

// visit is a client of the upper-case echo.
func visit(address string) error { return faults.Visit(address, 'a', 'A') }

var short = faults.Short

// exchange is a round trip with the upper-case echo.
func exchange(c net.Conn) error {
	if _, err := c.Write([]byte("a")); err != nil {
		return err
	}
	reply := make([]byte, 1)
	if _, err := io.ReadFull(c, reply); err != nil {
		return err
	}
	if reply[0] != 'A' {
		return fmt.Errorf("the reply to %q was %q", "a", reply)
	}
	return nil
}

func (w *vigil) collect() error {
	answer, ok := w.h.order(order{Collect: true}, silence)
	if !ok {
		w.collection = silence
		return fmt.Errorf("a collection did not end for %v", silence)
	}
	if w.collection = max(w.collection, answer.Took); answer.Took > collectionTakes {
		return fmt.Errorf("a collection took %v", short(answer.Took))
	}
	return nil
}

func (w *vigil) weigh() error {
	if rise := w.h.rise(); rise > tooMuch {
		_ = w.h.cmd.Process.Kill()
		return fmt.Errorf("memory rose by %d MiB, killed", rise)
	}
	return nil
}

// connections makes n connections to the attacker and waits until they have
// ended.
func connections(n int) func(h *hostProcess) (string, error) {
	return func(h *hostProcess) (string, error) {
		for range n {
			h.dial(0)
		}
		return h.endings(n)
	}
}

// endings says how the first n connections of the attacker ended.
func (h *hostProcess) endings(n int) (string, error) {
	began := time.Now()
	ends := h.seen(n, h.late, ended(h.name(0)))
	if len(ends) < n {
		return fmt.Sprintf("%d of %d ended", len(ends), n), fmt.Errorf("not all ended in %v", h.late)
	}
	var reasons []string
	for _, r := range ends {
		reasons = append(reasons, r.Event+" ("+r.Error+")")
	}
	slices.Sort(reasons)
	return fmt.Sprintf("%d %s after %v", n, strings.Join(slices.Compact(reasons), ", "), short(time.Since(began))), nil
}

func (h *hostProcess) name(route int) string { return h.routes[route] }
