package main

import (
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sandsock/sandsock/plugins"
	"github.com/sandsock/sandsock/wasmhost"
)

// cut stops all guests but the neighbour's.
func (h *hostProcess) cut() (string, error) {
	answer, ok := h.order(order{Cut: true}, h.late)
	if !ok {
		return "", fmt.Errorf("the cut has not ended after %v", h.late)
	}
	return "cut in " + short(answer.Took).String(), nil
}

// TestABugInTheHostEndsOneGuest: there is no defence to leave out.
func TestABugInTheHostEndsOneGuest(t *testing.T) {
	upper, _ := plugins.Open("upper")
	spec := hostSpec{Faulty: true, Routes: []routeSpec{{Name: "upper", File: upper}}}
	attack{id: "T27", spec: spec, always: "a host call ends in its own instance", do: func(h *hostProcess) (string, error) {
		for i, kind := range []string{"n", "p"} {
			c := h.dial(0)
			_, err := io.WriteString(c, kind)
			check(t, err)
			if got, _ := io.ReadAll(c); len(got) > 0 {
				return "", fmt.Errorf("the client gets %q", got)
			}
			if ends := h.seen(i+1, h.late, event(wasmhost.EventFailed, "upper")); len(ends) != i+1 {
				return "", fmt.Errorf("%d of %d ends were reported", len(ends), i+1)
			}
		}
		said, err := h.endings(2)
		if strings.Contains(said, ".go:") || strings.Contains(said, "goroutine") || h.stderr.Len() > 0 {
			err = fmt.Errorf("a stack of Go's is shown")
		}
		return said, err
	}}.run(t)
}

func TestNothingRunsAfterAStop(t *testing.T) {
	attack{id: "T29", spec: attackedBy(late()), without: wasmhost.DefenceCancel, do: func(h *hostProcess) (string, error) {
		c := h.dial(0)
		_, err := io.WriteString(c, "a")
		check(t, err)
		_, err = io.ReadFull(c, make([]byte, 5))
		check(t, err)
		said, err := h.cut()
		if err != nil {
			return said, err
		}
		got, _ := io.ReadAll(c)
		printed := h.seen(1, 0, event(wasmhost.EventOutput, "attacker"))
		if len(got) > 0 || len(printed) > 0 {
			return said, fmt.Errorf("the guest went on: the client got %q, and %d lines were printed", got, len(printed))
		}
		return said + ", and nothing was sent or printed", nil
	}}.run(t)
}

// TestFiftyGuestsAreCut: they loop, or wait for their clients.
func TestFiftyGuestsAreCut(t *testing.T) {
	const n = 50
	for name, f := range map[string]fixture{"in loops": loops(), "in recv": late()} {
		t.Run(name, func(t *testing.T) {
			a := attack{id: "T69", spec: attackedBy(f), always: "the row without is wasmhost's", do: func(h *hostProcess) (string, error) {
				for range n {
					h.dial(0)
				}
				if started := h.seen(n, h.late, event(wasmhost.EventConnected, "attacker")); len(started) < n {
					return "", fmt.Errorf("%d of %d have begun", len(started), n)
				}
				said, err := h.cut()
				if ends := h.seen(n, h.late, event(wasmhost.EventStopped, "attacker")); err == nil && len(ends) < n {
					err = fmt.Errorf("%d of %d were stopped", len(ends), n)
				}
				return fmt.Sprintf("%d guests %s", n, said), err
			}}
			a.spec.Limits.FuelBetween = -1
			if name == "in loops" {
				a.without = wasmhost.DefenceFuel
			}
			a.run(t)
		})
	}
}

// TestFiftyGuestsComeToTheirTime: they loop, or wait for their clients.
func TestFiftyGuestsComeToTheirTime(t *testing.T) {
	const n = 50
	for name, f := range map[string]fixture{"in loops": loops(), "in recv": late()} {
		t.Run(name, func(t *testing.T) {
			a := attack{id: "T69", spec: attackedBy(f), always: "the row without is wasmhost's", do: func(h *hostProcess) (string, error) {
				for range n {
					h.dial(0)
				}
				ends := h.seen(n, h.late, event(wasmhost.EventStopped, "attacker"))
				if len(ends) < n {
					return "", fmt.Errorf("%d of %d came to their end", len(ends), n)
				}
				worst := time.Duration(0)
				for _, r := range ends {
					if !strings.Contains(r.Error, "total") {
						return "", fmt.Errorf("one was stopped because %s", r.Error)
					}
					worst = max(worst, r.Took)
				}
				return fmt.Sprintf("%d guests %s were stopped at their limit of %v, the last after %v",
					n, name, shortLife, short(worst)), nil
			}}
			a.spec.Limits.FuelBetween, a.spec.Limits.Total = -1, shortLife
			if name == "in loops" {
				a.without = wasmhost.DefenceFuel
			}
			a.run(t)
		})
	}
}

// shortLife is how long those guests may live.
const shortLife = 200 * time.Millisecond
