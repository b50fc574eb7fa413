package wasmhost

import (
	"cmp"
	"errors"
	"runtime"
	"strings"

	"github.com/sandsock/sandsock/core"
	"github.com/sandsock/sandsock/wasmhost/meter"
)

// Stopped is a guest's end by the host: a host call panics with it, and wazero
// returns it from the call into the guest.
type Stopped struct {
	// Reason is the limit that was reached, in a sentence; empty where the
	// guest was stopped for no fault of its own.
	Reason string
}

func (s *Stopped) Error() string { return cmp.Or(s.Reason, "stopped by the host") }

// errStopped ends an instance that was canceled.
var errStopped = new(Stopped)

// errBusy is a bug of ours.
var errBusy = errors.New("the instance is at work for somebody else")

// exitError ends an instance whose guest called proc_exit.
type exitError struct{ code uint32 }

func (e exitError) Error() string { return "exited with code " + utoa(e.code) }

// handlerError is what handle returned where that is not 0.
type handlerError struct{ result int32 }

func (e handlerError) Error() string {
	if e.result < 0 {
		return "handle returned " + itoa(e.result) + " (" + core.Errno(-e.result).Strerror() + ")"
	}
	return "handle returned " + itoa(e.result)
}

// Trap is a guest's end by its own fault: an instruction that trapped, or a
// host function that failed.
type Trap struct {
	Reason string   // unreachable, out of bounds memory access, stack overflow
	Stack  []string // the guest's functions, innermost first, escaped
}

func (t *Trap) Error() string { return t.Reason }

// ending turns the error of a call into the guest into ours: [Stopped],
// exitError, handlerError, or a Trap.
func ending(err error) error {
	var stopped *Stopped
	var exit exitError
	var returned handlerError
	var fault runtime.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &stopped):
		return stopped
	case errors.As(err, &exit):
		return exit
	case errors.As(err, &returned):
		return returned
	case errors.As(err, &fault):
		// A bug of ours. wazero's text has a stack of Go's, which is nothing
		// to show.
		return &Trap{Reason: "the host failed: " + fault.Error()}
	}
	return parseTrap(err.Error())
}

// parseTrap takes wazero's text apart: the reason, an empty line or
// "wasm stack trace:", and a line a function.
func parseTrap(text string) *Trap {
	reason, stack, _ := strings.Cut(text, "\nwasm stack trace:\n")
	if _, after, ok := strings.Cut(reason, "wasm error: "); ok {
		reason = after // what stands before names the start function
	}
	reason, _, _ = strings.Cut(reason, "\n")
	trap := &Trap{Reason: escape([]byte(strings.TrimSuffix(reason, " (recovered by wazero)")))}
	for line := range strings.Lines(stack) {
		if frame := strings.TrimSpace(line); frame != "" && !strings.HasPrefix(frame, meter.Module+".") {
			trap.Stack = append(trap.Stack, escape([]byte(strings.TrimPrefix(frame, "."))))
		}
	}
	return trap
}
