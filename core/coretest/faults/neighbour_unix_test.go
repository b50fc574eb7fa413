//go:build unix

package faults

import (
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"
)

// TestWhatTheMachineTakesIsNotTheNeighboursFault makes a neighbour late, first
// by itself, and then because this process is stopped.
func TestWhatTheMachineTakesIsNotTheNeighboursFault(t *testing.T) {
	const late = 2 * answers
	n := Neighbour{Within: answers, Visit: func() error {
		// A busy machine may make a plain server late meanwhile, which counts
		// for several times as much.
		<-time.After(turns * late)
		return nil
	}}
	if err := n.Ask(); err == nil || n.Slowest < answers {
		t.Errorf("late by itself it takes %v: %v", n.Slowest, err)
	}
	n = Neighbour{Within: answers, Visit: func() error {
		script := fmt.Sprintf("kill -STOP %d; sleep %f; kill -CONT %[1]d", os.Getpid(), late.Seconds())
		return exec.Command("sh", "-c", script).Run()
	}}
	if err := n.Ask(); err != nil || n.Slowest > answers {
		t.Errorf("late with all others it takes %v: %v", n.Slowest, err)
	}
}
