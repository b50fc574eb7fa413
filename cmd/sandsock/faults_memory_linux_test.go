package main

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/wasmhost"
)

// weighed adds to what was said how much memory the host has taken, which is
// an error above so many MiB.
func weighed(h *hostProcess, said string, err error, mib int) (string, error) {
	rise := h.rise()
	if rise > mib {
		err = errors.Join(err, fmt.Errorf("above %d MiB", mib))
	}
	return fmt.Sprintf("%s, memory +%d MiB", said, rise), err
}

// connectionsWithin is [connections] for a host whose memory rises by so many
// MiB at most.
func connectionsWithin(n, mib int) func(h *hostProcess) (string, error) {
	return func(h *hostProcess) (string, error) {
		said, err := connections(n)(h)
		return weighed(h, said, err, mib)
	}
}

func TestEndlessRecursionIsEnded(t *testing.T) {
	attack{id: "T5", spec: attackedBy(recurses()), without: wasmhost.DefenceStack, do: connectionsWithin(1, 50)}.run(t)
}

func TestDeepFramesAreEndedInManyInstances(t *testing.T) {
	attack{id: "T67", spec: attackedInARow(spills(5000)), without: wasmhost.DefenceStack, do: connectionsWithin(20, 50)}.run(t)
}

// TestGuestsParkedDeepInCalls: those that go as deep as they may stay, and
// those that want to go deeper are ended.
func TestGuestsParkedDeepInCalls(t *testing.T) {
	const n = 50
	spec := attackedInARow(parks(40_000))
	spec.Routes = append(spec.Routes, routeSpec{Name: "modest", File: parks(3_600).module()})
	attack{id: "T6", spec: spec, without: wasmhost.DefenceStack, do: func(h *hostProcess) (string, error) {
		for range n {
			h.dial(1)
		}
		if parked := h.seen(n, h.late, event(wasmhost.EventConnected, "modest")); len(parked) < n {
			return "", fmt.Errorf("%d of %d are parked", len(parked), n)
		}
		said, err := connections(n)(h)
		if gone := h.seen(1, 0, ended("modest")); err == nil && len(gone) > 0 {
			err = fmt.Errorf("one that was parked is gone: %s", gone[0].Error)
		}
		return weighed(h, fmt.Sprintf("%d parked, %s", n, said), err, 150)
	}}.run(t)
}

func TestATableDoesNotGrowBeyondItsLimit(t *testing.T) {
	attack{id: "T8", spec: attackedBy(growsTable(20_000_000)), without: wasmhost.DefenceMemory, do: func(h *hostProcess) (string, error) {
		said, err := connections(1)(h)
		if err == nil && !strings.Contains(said, "handle returned -1") {
			err = fmt.Errorf("the table grew")
		}
		return weighed(h, said, err, 50)
	}}.run(t)
}

func TestAHugeTableIsRefused(t *testing.T) {
	f := handler(returns0)
	f.table = 100_000_000
	h, refused := startHost(t, attackedBy(f))
	if !strings.Contains(refused, "table") {
		t.Errorf("refused: %q", refused)
	}
	if rise := h.highWater(); rise > 100 {
		t.Errorf("the host took %d MiB", rise)
	}
}
