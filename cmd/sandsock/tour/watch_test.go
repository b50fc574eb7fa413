package tour

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/sandsock/sandsock/core/coretest"
	"github.com/sandsock/sandsock/core/coretest/faults"
	"github.com/sandsock/sandsock/native"
	"github.com/sandsock/sandsock/wasmhost"
)

func TestEveryAttackIsHeldAndDoesHarmWithoutItsDefence(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	for _, a := range Attacks {
		t.Run(a.Name, func(t *testing.T) {
			held, err := Watch(context.Background(), a, "", again)
			if err != nil {
				t.Fatal(err)
			}
			if !held.Held || held.Harm != "" || held.Reason == "" {
				t.Errorf("it came to %+v", held)
			}
			with := held.Ended + ": " + held.Reason
			if a.Defence == "" {
				faults.Row(t, "tour "+a.Name, with, faults.Nothing)
				return
			}
			harmed, err := Watch(context.Background(), a, a.Defence, again)
			if errors.Is(err, ErrUnbounded) {
				t.Skip(err)
			}
			if err != nil {
				t.Fatal(err)
			}
			if harmed.Held || !strings.HasPrefix(harmed.Harm, a.harm) {
				t.Errorf("without %s it came to %+v, want %s", a.Defence, harmed, a.harm)
			}
			faults.Row(t, "tour "+a.Name, with, harmed.Harm)
		})
	}
}

func TestAnAttackThatAnotherDefenceHoldsIsHeld(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	a, _ := Find("connect")
	r, err := Watch(context.Background(), a, "turns", again)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Held || r.Without != "turns" {
		t.Errorf("it came to %+v", r)
	}
}

func TestWhatEachEndingSays(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	for name, want := range map[string]string{
		"loop":       "stopped: computed without a call: 200000000 of fuel is the limit",
		"recursion":  "failed: stack overflow",
		"memory":     "failed: handle returned 256",
		"descriptor": "failed: handle returned -8 (EBADF: bad file descriptor)",
		"pointer":    "failed: handle returned -21 (EFAULT: bad address)",
		"trap":       "failed: integer divide by zero; set aside for 1s, since it traps again and again: what comes is closed at once",
	} {
		a, _ := Find(name)
		r, err := Watch(context.Background(), a, "", again)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.Ended + ": " + r.Reason; got != want {
			t.Errorf("%s %s, want %s", name, got, want)
		}
		if r.Fuel == 0 {
			t.Errorf("%s used no fuel", name)
		}
	}
}

func TestAWatchEndsWithItsContext(t *testing.T) {
	coretest.NeedSockets(t, native.Network{})
	ctx, cancel := context.WithCancel(context.Background())
	a, _ := Find("loop")
	_, err := Watch(ctx, a, "fuel", func(ctx context.Context, attack, without string) *exec.Cmd {
		cancel()
		return again(ctx, attack, without)
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("the error is %v", err)
	}
}

func TestAProcessThatDoesNotBeginIsAnError(t *testing.T) {
	a, _ := Find("loop")
	_, err := Watch(context.Background(), a, "", func(ctx context.Context, _, _ string) *exec.Cmd {
		return exec.CommandContext(ctx, os.Args[0], "-test.run=^$")
	})
	if err == nil {
		t.Error("there is no error")
	}
}

func TestHowAProcessDiedIsOneLine(t *testing.T) {
	for stderr, want := range map[string]string{
		"": "",
		"fatal error: runtime: out of memory\n\nruntime stack:\n":     ": out of memory at",
		"panic: runtime error: index out of range [1]\n\ngoroutine 7": ": runtime error: index out of range [1]",
		"fatal error: all goroutines are asleep - deadlock!\n":        ": all goroutines are asleep - deadlock!",
	} {
		if got := howItDied(stderr); !strings.HasPrefix(got, want) || strings.Contains(got, "\n") {
			t.Errorf("%q died%q, want %q", stderr, got, want)
		}
	}
}

func TestALineThatIsNotPrintableIsHarm(t *testing.T) {
	a, _ := Find("flood")
	w := &watch{attack: a}
	for _, line := range []string{`\x1b[2J`, "plain"} {
		if w.output(line); w.result.Harm != "" {
			t.Errorf("%q: %s", line, w.result.Harm)
		}
	}
	if w.output("\x1b[2J"); w.result.Harm != forged {
		t.Errorf("an escape sequence: %q", w.result.Harm)
	}
}

func TestARefusalThatIsNoneOfTheFilesIsNoHold(t *testing.T) {
	a, _ := Find("loop")
	w := &watch{attack: a}
	over, err := w.note(wasmhost.Report{Event: Refused, Error: "no socket"})
	if !over || err != nil {
		t.Fatalf("%v, %v", over, err)
	}
	if w.judge(); w.result.Held {
		t.Error("a plugin that did not attack was held")
	}
}
